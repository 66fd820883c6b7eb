import { addMonths, format, formatDistanceStrict, parseISO } from "npm:date-fns@4.1.0";

export default function(req: Request): Response {
  const from = new URL(req.url).searchParams.get("from")!;
  const later = addMonths(parseISO(from), 1);
  return Response.json({
    inAMonth: format(later, "yyyy-MM-dd"),
    distance: formatDistanceStrict(later, parseISO(from), { unit: "day" }),
    temporal: Temporal.PlainDate.from(from).add({ months: 1 }).toString(),
  });
}
