from pathlib import Path

import asyncpg
import redis
from aiokafka.admin import AIOKafkaAdminClient

from deploy.local.providers import Endpoints


async def test_the_three_servers_answer_their_clients(servers: Endpoints) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers.kafka_bootstrap)
    await admin.start()
    assert (await admin.describe_cluster())["brokers"]
    await admin.close()
    connection = await asyncpg.connect(servers.database_url)
    assert (await connection.fetchval("SHOW server_version")).startswith("18")
    await connection.close()
    assert redis.Redis.from_url(servers.redis_url).ping()
