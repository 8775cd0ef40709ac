import os

from flask import Flask, Response, request

app = Flask(__name__)
count = 0


@app.route("/count")
def counted():
    global count
    count += 1
    return str(count)


@app.route("/echo", methods=["POST"])
def echo():
    return Response(request.get_data())


app.run(host="0.0.0.0", port=int(os.environ["PORT"]))
