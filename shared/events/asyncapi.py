"""The AsyncAPI 3.0 document of every topic.

Written from the catalogue: FastStream's own generation documents a batch subscriber's record as an
array and knows neither keys nor headers (engineering §1.5).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from shared.events.cles import CLES, motif
from shared.events.enveloppe import TYPE_PREFIX
from shared.events.golden import Dore, nom_dore
from shared.events.schemas import composants, evenements
from shared.events.topics import CATALOGUE, LECTEURS, Classe, Retention, Topic
from shared.kafka.topics import configuration

Noeud = dict[str, Any]

_PAR_ELEVE = (
    "murmur2 (Kafka's default hash) of the key's part before the first '/': everything about one pupil is in"
    " the same-numbered partition of every pupil topic, whose counts are equal and fixed when the session is"
    " opened: 12 on one machine, 24 for the nation."
)
_VERSION_LIAISON = "0.5.0"
_CLASSES: Mapping[Classe, str] = {
    Classe.NOMINATIVE: "Names, birth dates, marks, judgements on a pupil. Granted service by service.",
    Classe.PSEUDONYME: "Facts about pupils under a random id, without what would name them.",
    Classe.PUBLIQUE: "No pupil in it: référentiels and calendar.",
}


def document(exemples: Mapping[str, Dore], version: str) -> Noeud:
    """The whole document; ``exemples``: one golden event by event and version."""
    return {
        "asyncapi": "3.0.0",
        "id": "urn:pilotage",
        "info": _info(version),
        "defaultContentType": "application/json",
        "servers": _serveurs(),
        "channels": {topic.nom: _canal(topic) for topic in CATALOGUE},
        "operations": dict(_operations()),
        "components": {
            "messages": {**_messages(exemples), "tombstone": _effacement()},
            "schemas": {"CloudEventsHeaders": _entetes(), **composants()},
            "securitySchemes": {
                classe.value: {"type": "scramSha512", "description": dite}
                for classe, dite in _CLASSES.items()
            },
        },
    }


def _info(version: str) -> Noeud:
    return {
        "title": "Pilotage",
        "version": version,
        "description": "Facts about the post-bac admission procedure, one record per message: CloudEvents 1.0,"
        " Kafka binding, binary mode. A value is the whole new state of its subject with that subject's"
        " version: keep the highest version (then revision, where there is one) of each key and any order or"
        " repetition ends alike. Skip events whose ce_type you do not know.",
        "license": {
            "name": "EUPL-1.2",
            "url": "https://interoperable-europe.ec.europa.eu/collection/eupl/eupl-text-eupl-12",
        },
    }


def _serveurs() -> Noeud:
    commune = "Read with isolation.level=read_committed."
    variables = {"bootstrap": {"default": "127.0.0.1:9392", "description": "Bootstrap servers."}}
    return {
        "local": {
            "host": "{bootstrap}",
            "protocol": "kafka",
            "description": f"One machine (make demo): no account. {commune}",
            "variables": variables,
        },
        "cluster": {
            "host": "{bootstrap}",
            "protocol": "kafka-secure",
            "description": "A deployment: TLS, SCRAM-SHA-512 and ACLs. One account per subscriber, with the read"
            f" rights of the classes it was granted. {commune}",
            "variables": {"bootstrap": {"default": "kafka:9093", "description": "Bootstrap servers."}},
            "security": [{"$ref": f"#/components/securitySchemes/{classe.value}"} for classe in _CLASSES],
        },
    }


def _canal(topic: Topic) -> Noeud:
    return {
        "address": f"{{session}}.{topic.nom}",
        "title": topic.nom,
        "description": _PAR_ELEVE if topic.par_eleve else "One partition, in order of publication.",
        "parameters": {"session": {"description": "Millésime, a topic of its own.", "examples": ["2026"]}},
        "servers": [{"$ref": "#/servers/local"}, {"$ref": "#/servers/cluster"}],
        "messages": dict(_messages_du_canal(topic)),
        "bindings": {"kafka": _liaison(topic)},
        "x-pilotage": {
            "owner": topic.proprietaire,
            "class": topic.classe.value,
            "consumers": list(LECTEURS.get(topic.nom, ())),
            "keptWhole": topic.retention is Retention.ENTIERE,
            "coPartitionedByPupil": topic.par_eleve,
            "published": bool(topic.contrats),
        },
    }


def _messages_du_canal(topic: Topic) -> Iterator[tuple[str, Noeud]]:
    for nom in topic.contrats:
        yield nom, {"$ref": f"#/components/messages/{_message_id(topic, nom)}"}
    if topic.contrats and topic.retention is Retention.COMPACTEE:
        yield "tombstone", {"$ref": "#/components/messages/tombstone"}


def _liaison(topic: Topic) -> Noeud:
    options: Noeud = dict(configuration(topic))
    reglages: Noeud = {"cleanup.policy": [options.pop("cleanup.policy")]}
    reglages |= {nom: int(valeur) for nom, valeur in options.items()}
    partitions = {} if topic.par_eleve else {"partitions": 1}
    return {**partitions, "topicConfiguration": reglages, "bindingVersion": _VERSION_LIAISON}


def _operations() -> Iterator[tuple[str, Noeud]]:
    for topic in CATALOGUE:
        if topic.contrats:
            yield f"{topic.proprietaire}.publishes.{topic.nom}", _operation(topic, "send")
            yield f"subscriber.follows.{topic.nom}", _operation(topic, "receive")
        for lecteur in LECTEURS.get(topic.nom, ()):
            groupe = {"type": "string", "pattern": rf"^.*pilotage\.[0-9]{{4}}\.{lecteur}$"}
            liaison = {"kafka": {"groupId": groupe, "bindingVersion": _VERSION_LIAISON}}
            yield f"{lecteur}.folds.{topic.nom}", {**_operation(topic, "receive"), "bindings": liaison}


def _operation(topic: Topic, action: str) -> Noeud:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{topic.nom}"},
        "security": [{"$ref": f"#/components/securitySchemes/{topic.classe.value}"}],
    }


def _message_id(topic: Topic, nom: str) -> str:
    return f"{topic.nom}.{nom}"


def _messages(exemples: Mapping[str, Dore]) -> Noeud:
    return {
        _message_id(topic, nom): _message(topic, nom, modele.__name__, exemples.get(nom_dore(topic, nom)))
        for topic, nom, modele in evenements()
    }


def _message(topic: Topic, nom: str, modele: str, exemple: Dore | None) -> Noeud:
    cle: Noeud = {"type": "string", "description": CLES[nom], "pattern": motif(CLES[nom])}
    type_ = {"properties": {"ce_type": {"const": f"{TYPE_PREFIX}{nom_dore(topic, nom)}"}}}
    corps = {
        "name": nom,
        "title": nom,
        "contentType": "application/json",
        "headers": {"allOf": [{"$ref": "#/components/schemas/CloudEventsHeaders"}, type_]},
        "payload": {"$ref": f"#/components/schemas/{modele}"},
        "bindings": {"kafka": {"key": cle, "bindingVersion": _VERSION_LIAISON}},
    }
    return {**corps, "examples": [_exemple(exemple)]} if exemple else corps


def _exemple(dore: Dore) -> Noeud:
    return {"headers": dore["headers"], "payload": dore["value"]}


def _effacement() -> Noeud:
    return {
        "name": "tombstone",
        "title": "Tombstone",
        "description": "A null value, on topics that keep the last state: forget the subject of this key.",
        "headers": {"$ref": "#/components/schemas/CloudEventsHeaders"},
        "payload": {"type": "null"},
        "bindings": {"kafka": {"key": {"type": "string"}, "bindingVersion": _VERSION_LIAISON}},
    }


def _entetes() -> Noeud:
    """Each is the UTF-8 text of a Kafka record header."""
    attributs: Noeud = {
        "ce_specversion": {"const": "1.0"},
        "ce_id": {"description": "Same id, same event: a repetition is to be ignored."},
        "ce_source": {"description": "/pilotage/<service that owns the topic>"},
        "ce_type": {"description": f"{TYPE_PREFIX}<name of the message>.v<major>"},
        "ce_time": {"format": "date-time", "description": "When it happened."},
        "ce_recordedtime": {
            "format": "date-time",
            "description": "When the log accepted it: UTC, six decimals, strictly increasing per owner.",
        },
        "content-type": {"const": "application/json"},
    }
    return {
        "type": "object",
        "required": list(attributs),
        "properties": {nom: {"type": "string", **details} for nom, details in attributs.items()},
    }
