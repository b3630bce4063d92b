"""One tracker's server, reached through one guarded session."""

from __future__ import annotations

import bugguard
from bugguard.errors import TrackerError
from bugguard.trackers.asked import Access
from bugguard.trackers.patience import Patience
from bugguard.trackers.place import Place, Words
from bugguard.trackers.tokens import Service, find
from bugguard.trackers.transport import Adapter, Session

USER_AGENT = f"bugguard/{bugguard.__version__}"


class Connection:
    """A session with ``url``, and what is known of the server.

    url: of the site, as people write it. api: of its API where that is another host.
    Raises TrackerError for an address, a token or a CA file that cannot be used.
    """

    def __init__(self, service: Service, url: str, access: Access, api: str = "") -> None:
        self.site = Place.parse(url)
        self.place = Place.parse(api) if api else self.site
        self.access = access
        self.token = find(service, self.site.host, access)
        self.words = Words(self.place, service, self.token)
        if self.token and self.place.scheme == "http" and not self.place.is_here:
            access.tell(f"{self.words.where} is reached by http: the token can be read on the way.")
        self.ca_file = self._ca_file()
        self.patience = Patience(access.patience, self.words, access.tell, access.sleep)
        adapter = Adapter(self.words, self.patience, self.ca_file, access.timeout)
        self.session = Session(self.words, adapter)

    def _ca_file(self) -> str | None:
        file = self.access.ca_file
        if file is None:
            return None
        try:
            with file.open("rb") as opened:
                has_one = b"-----BEGIN " in opened.read(2**20)
        except OSError as error:
            raise TrackerError(
                f"ca_file: {file} cannot be read ({error.strerror or 'no such file'}): name the "
                "PEM file of the CA's certificate."
            ) from None
        if not has_one:
            raise TrackerError(
                f"ca_file: {file} holds no certificate in PEM form: name the PEM file of the CA's "
                "certificate."
            )
        return str(file)
