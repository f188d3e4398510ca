"""The file of an upload, as it comes: the raw body, or the first file of a multipart form.

Nothing is spooled elsewhere than in the deposit; a client that says nothing for too long is dropped.
"""

import asyncio
from collections.abc import AsyncIterator

from fastapi import Request
from python_multipart import MultipartParser
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import parse_options_header

from shared.http.errors import Refus


class Televersement:
    """Iterate over ``morceaux()``; ``nom`` is known once the first chunk has come."""

    def __init__(self, request: Request, patience_s: float) -> None:
        self.nom = request.query_params.get("nom", "")
        self._request = request
        self._patience = patience_s
        genre, options = parse_options_header(request.headers.get("content-type", ""))
        self._frontiere = options.get(b"boundary") if genre == b"multipart/form-data" else None

    async def morceaux(self) -> AsyncIterator[bytes]:
        """Bytes of the file.

        Raises:
            Refus: 408 when the client hangs, 400 when the form is malformed or has no file.
        """
        if self._frontiere is None:
            async for morceau in self._corps():
                yield morceau
            return
        formulaire = _Formulaire(self._frontiere)
        async for morceau in self._corps():
            for partie in formulaire.prendre(morceau):
                yield partie
            self.nom = formulaire.nom or self.nom
        if not formulaire.trouve:
            raise Refus(400, "formulaire", "Le formulaire ne contient pas de fichier.")

    async def _corps(self) -> AsyncIterator[bytes]:
        flux = self._request.stream().__aiter__()
        while True:
            try:
                morceau = await asyncio.wait_for(anext(flux), self._patience)
            except StopAsyncIteration:
                return
            except TimeoutError as erreur:
                raise Refus(408, "trop_lent", "L’envoi s’est interrompu : recommencez.") from erreur
            if morceau:
                yield morceau


class _Formulaire:
    """Callbacks of the multipart parser, gathering the bytes of the first part that has a file name."""

    def __init__(self, frontiere: bytes) -> None:
        self.nom = ""
        self.trouve = False
        self._prend = False
        self._parties: list[bytes] = []
        self._champ = b""
        self._valeur = b""
        self._parser = MultipartParser(
            frontiere,
            {
                "on_part_begin": self._debut,
                "on_header_field": self._nom_d_entete,
                "on_header_value": self._valeur_d_entete,
                "on_header_end": self._fin_d_entete,
                "on_part_data": self._donnees,
                "on_part_end": self._fin,
            },
        )

    def prendre(self, morceau: bytes) -> list[bytes]:
        try:
            self._parser.write(morceau)
        except MultipartParseError as erreur:
            raise Refus(400, "formulaire", "Le formulaire envoyé est mal formé.") from erreur
        parties, self._parties = self._parties, []
        return parties

    def _debut(self) -> None:
        self._champ = self._valeur = b""

    def _nom_d_entete(self, brut: bytes, debut: int, fin: int) -> None:
        self._champ += brut[debut:fin]

    def _valeur_d_entete(self, brut: bytes, debut: int, fin: int) -> None:
        self._valeur += brut[debut:fin]

    def _fin_d_entete(self) -> None:
        if self._champ.lower() == b"content-disposition" and not self.trouve:
            nom = parse_options_header(self._valeur)[1].get(b"filename")
            if nom is not None:
                self.nom, self.trouve, self._prend = nom.decode("utf-8", "replace"), True, True
        self._champ = self._valeur = b""

    def _donnees(self, brut: bytes, debut: int, fin: int) -> None:
        if self._prend:
            self._parties.append(brut[debut:fin])

    def _fin(self) -> None:
        self._prend = False
