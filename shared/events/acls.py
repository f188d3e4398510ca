"""``python -m shared.events.acls``: the commands that give a subscriber the rights of its classes.

Rights follow the class of a topic, not its name, so the topics are listed one by one; a topic that comes later needs
the commands again. A subscriber reads, describes, and uses consumer groups under its own prefix: nothing more. The
audit says who looked at whom: it is granted by its name only, with ``--only audit.acces.v1``.
"""

import argparse
import shlex
import sys
from collections.abc import Collection, Iterator

from shared.events.topics import AUDIT, CATALOGUE, Classe, Topic


def commandes(
    classes: Collection[Classe],
    *,
    principal: str,
    groupes: str,
    session: int,
    bootstrap: str,
    prefixe: str = "",
    seuls: Collection[str] = (),
    retirer: bool = False,
) -> Iterator[list[str]]:
    """Words of each ``kafka-acls.sh`` command; ``groupes``: the prefix of the subscriber's consumer groups."""
    tete = ["kafka-acls.sh", "--bootstrap-server", bootstrap, "--command-config", "admin.properties"]
    verbe = ["--remove", "--force"] if retirer else ["--add"]
    droit = [*tete, *verbe, "--allow-principal", principal, "--operation", "Read"]
    accordes = [topic for topic in CATALOGUE if topic.classe in classes and _accorde(topic, seuls)]
    topics = [topic.complet(prefixe, session) for topic in accordes]
    yield [*droit, "--operation", "Describe", *(mot for topic in topics for mot in ("--topic", topic))]
    yield [*droit, "--resource-pattern-type", "prefixed", "--group", groupes]


def _accorde(topic: Topic, seuls: Collection[str]) -> bool:
    return topic.nom in seuls if seuls else topic is not AUDIT


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m shared.events.acls", description=__doc__)
    parser.add_argument("principal", help="account of the subscriber, such as User:dgesip")
    parser.add_argument("session", type=int, help="such as 2026")
    parser.add_argument("classes", nargs="+", choices=[*Classe], type=Classe, help="what it may read")
    parser.add_argument("--groups", help="prefix of its consumer groups; its name and a dot unless said")
    parser.add_argument("--bootstrap", default="kafka:9093")
    parser.add_argument("--topic-prefix", default="")
    parser.add_argument("--only", nargs="+", default=(), metavar="TOPIC", choices=[t.nom for t in CATALOGUE])
    parser.add_argument("--remove", action="store_true", help="take the rights back")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Print the commands, for an operator to read and run."""
    lus = _arguments(arguments)
    for mots in commandes(
        lus.classes,
        principal=lus.principal,
        groupes=lus.groups or f"{lus.principal.partition(':')[2]}.",
        session=lus.session,
        bootstrap=lus.bootstrap,
        prefixe=lus.topic_prefix,
        seuls=lus.only,
        retirer=lus.remove,
    ):
        sys.stdout.write(f"{shlex.join(mots)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
