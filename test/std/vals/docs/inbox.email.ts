export default function inbox(email: Email) {
  console.log(email.subject);
}
