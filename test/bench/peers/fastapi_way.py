"""The Python original's way: FastAPI on uvicorn with uvloop, send_json to each in a loop, messages in SQLite."""

import datetime
import sqlite3
import socket
import sys
import tempfile

import jwt
import uvicorn
from fastapi import FastAPI, Header, Query, WebSocket, WebSocketDisconnect
from pydantic import BaseModel

SECRET = "a secret of the tests, longer than 32 bytes"
GROUP = "0" * 24


class Message(BaseModel):
    id: str
    group_id: str
    sender_id: str
    content: str
    created_at: datetime.datetime
    updated_at: datetime.datetime
    is_deleted: bool


class Page(BaseModel):
    messages: list[Message]
    total: int
    page: int
    page_size: int
    has_more: bool


folder = tempfile.TemporaryDirectory()
db = sqlite3.connect(f"{folder.name}/chat.db", isolation_level=None, check_same_thread=False)
db.executescript(
    """PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE messages (id INTEGER PRIMARY KEY, group_id TEXT, sender_id TEXT, content TEXT, created_at TEXT,
      updated_at TEXT, is_deleted INTEGER);
    CREATE INDEX by_time ON messages (group_id, created_at);"""
)
app = FastAPI()
connections: set[WebSocket] = set()


def now() -> str:
    return datetime.datetime.now(datetime.timezone.utc).isoformat()


def caller(token: str) -> str:
    return jwt.decode(token, SECRET, algorithms=["HS256"])["sub"]


def store(sender: str, content: str) -> Message:
    at = now()
    row = db.execute(
        "INSERT INTO messages (group_id, sender_id, content, created_at, updated_at, is_deleted)"
        " VALUES (?, ?, ?, ?, ?, 0) RETURNING *",
        (GROUP, sender, content, at, at),
    ).fetchone()
    return as_message(row)


def as_message(row: tuple) -> Message:
    return Message(
        id=f"{row[0]:024x}", group_id=row[1], sender_id=row[2], content=row[3],
        created_at=row[4], updated_at=row[5], is_deleted=bool(row[6]),
    )


@app.get("/api/chat/groups/{group_id}/messages")
async def history(group_id: str, page: int = 1, page_size: int = Query(50, le=100), authorization: str = Header()) -> Page:
    caller(authorization.removeprefix("Bearer "))
    total = db.execute("SELECT count(*) FROM messages WHERE group_id = ? AND is_deleted = 0", (group_id,)).fetchone()[0]
    rows = db.execute(
        "SELECT * FROM messages WHERE group_id = ? AND is_deleted = 0 ORDER BY created_at DESC LIMIT ? OFFSET ?",
        (group_id, page_size, (page - 1) * page_size),
    ).fetchall()
    messages = [as_message(row) for row in rows]
    return Page(messages=messages, total=total, page=page, page_size=page_size, has_more=page * page_size < total)


@app.websocket("/api/chat/ws/{group_id}")
async def listen(socket: WebSocket, group_id: str, token: str) -> None:
    user = caller(token)
    await socket.accept()
    connections.add(socket)
    try:
        while True:
            message = store(user, (await socket.receive_json())["content"])
            event = {"type": "new_message", "message": message.model_dump(mode="json")}
            for connection in list(connections):
                await connection.send_json(event)
    except WebSocketDisconnect:
        pass
    finally:
        connections.discard(socket)


for _ in range(50):
    store("user0", "x" * 100)

listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(2048)
print(listener.getsockname()[1], flush=True)
config = uvicorn.Config(app, loop="uvloop", http="httptools", ws="websockets", log_level="error", ws_max_queue=1024)
uvicorn.Server(config).run(sockets=[listener])
sys.exit(0)
