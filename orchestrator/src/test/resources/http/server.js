const http = require("http");

let count = 0;
http
  .createServer((request, response) => {
    if (request.url === "/count") {
      count++;
      response.end(String(count));
    } else {
      request.pipe(response);
    }
  })
  .listen(process.env.PORT);
