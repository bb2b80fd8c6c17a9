"""Makes a database as the older service (FastAPI, Beanie) left it.

usage: old_database.py URL DATABASE GROUPS MESSAGES_PER_GROUP
Needs pymongo. The documents are those that Beanie writes: unset optional fields are null.
"""

import random
import sys
from datetime import datetime, timedelta, timezone

from pymongo import ASCENDING, MongoClient


def main(url: str, database: str, groups: int, messages_per_group: int) -> None:
    chance = random.Random(7)
    db = MongoClient(url)[database]
    start = datetime(2025, 3, 1, tzinfo=timezone.utc)

    db.groups.create_index("name")
    db.groups.create_index("authorized_user_ids")
    db.messages.create_index("sender_id")
    db.messages.create_index([("group_id", ASCENDING), ("created_at", ASCENDING)], name="group_history")

    for number in range(groups):
        members = [f"user-{number}-{n}" for n in range(5)]
        by_hand = number % 4 == 3
        group = {"name": f"Group {number}", "authorized_user_ids": members}
        if not by_hand:
            group |= {"description": chance.choice(["", None, "An old one"]), "created_at": start}
        group_id = str(db.groups.insert_one(group).inserted_id)

        messages = []
        for n in range(messages_per_group):
            # Many share a millisecond, and some arrive out of order.
            created = start + timedelta(milliseconds=n // 3 + chance.randrange(3))
            deleted = chance.random() < 0.1
            messages.append(
                {
                    "group_id": group_id,
                    "sender_id": chance.choice(members),
                    "content": f"message {n} of {number}: größer, 😀",
                    "created_at": created,
                    "updated_at": chance.choice([None, created, created + timedelta(hours=1)]),
                    "is_deleted": deleted,
                }
            )
        if messages:
            db.messages.insert_many(messages)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
