document.title = "client" as string;
