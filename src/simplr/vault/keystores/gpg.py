"""The root key encrypted for every administrator by gpg, in the layout of BlackBox.

    FOLDER/.blackbox/blackbox-admins.txt   one administrator a line: fingerprint, key id or email
    FOLDER/.blackbox/blackbox-files.txt    what is kept encrypted, one path a line
    FOLDER/root.key.gpg                    the key, encrypted for all of them

Any administrator's gpg opens it, with this program or without: `gpg -d root.key.gpg`. gpg runs in
batch mode and may not ask for a passphrase: a key that needs one must be in its agent already,
otherwise opening fails at once and the installation starts sealed.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from simplr.vault.keystores.durable import create_file, move_file, replace_file
from simplr.vault.keystores.port import STAGED, KeyStoreTaken, KeyStoreUnusable, Problem
from simplr.vault.keystores.written import RootKeyUnreadable, read_root_key, write_root_key
from simplr_core.crypto import Key
from simplr_core.errors import Conflict, Invalid

_PATIENCE_SECONDS = 60


class GpgFailed(KeyStoreUnusable):
    """gpg did not do what was asked. Its own words are in the message."""

    code = "gpg-failed"


class GpgKeyStore:
    """Keeps the key in a BlackBox folder. `gnupghome` is where gpg keeps its own keys."""

    def __init__(
        self,
        folder: Path,
        *,
        name: str = "root.key",
        gnupghome: Path | None = None,
        program: str = "gpg",
    ) -> None:
        self._folder = folder.absolute()
        self._name = name
        self._gnupghome = gnupghome
        self._program = program
        self._admins = self._folder / ".blackbox" / "blackbox-admins.txt"
        self._files = self._folder / ".blackbox" / "blackbox-files.txt"

    # The port

    def open(self) -> Key | None:
        return self._read_key(self._name) if self._sealed(self._name).exists() else None

    def create(self, key: Key) -> None:
        if self._sealed(self._name).exists():
            raise KeyStoreTaken(f"{self._sealed(self._name)} exists already.")
        content = self._encrypt((write_root_key(key) + "\n").encode(), self.admins())
        names = sorted({*self._kept_names(), self._name})
        replace_file(self._files, _lines(names), mode=0o644)
        try:
            create_file(self._sealed(self._name), content, mode=0o644)
        except FileExistsError:
            raise KeyStoreTaken(f"{self._sealed(self._name)} exists already.") from None

    def staged_id(self) -> str | None:
        staged = self._staged_name()
        return staged.partition(STAGED)[2] if staged else None

    def stage(self, key: Key) -> None:
        if self._staged_name() is not None:
            raise KeyStoreTaken(f"In {self._folder} another key waits to follow.")
        name = f"{self._name}{STAGED}{key.id}"
        content = self._encrypt((write_root_key(key) + "\n").encode(), self.admins())
        create_file(self._sealed(name), content, mode=0o644)
        replace_file(self._files, _lines(sorted({*self._kept_names(), name})), mode=0o644)

    def open_staged(self) -> Key | None:
        name = self._staged_name()
        return self._read_key(name) if name else None

    def promote(self, key_id: str) -> None:
        name = f"{self._name}{STAGED}{key_id}"
        if self._sealed(name).exists():
            move_file(self._sealed(name), self._sealed(self._name))
        names = sorted({self._name, *self._kept_names()} - {name})
        replace_file(self._files, _lines(names), mode=0o644)

    def files(self) -> list[Path]:
        lists = [self._admins.parent, self._admins, self._files]
        return [self._folder, *lists, *(self._sealed(name) for name in self._kept_names())]

    def forget(self) -> None:
        self._sealed(self._name).unlink(missing_ok=True)
        replace_file(
            self._files, _lines([n for n in self._kept_names() if n != self._name]), mode=0o644
        )

    def _staged_name(self) -> str | None:
        found = sorted(self._folder.glob(f"{self._name}{STAGED}*.gpg"))
        return found[0].name.removesuffix(".gpg") if found else None

    def describe(self) -> str:
        return f"the gpg folder {self._folder}, for {len(_read(self._admins))} administrators"

    def doctor(self) -> list[Problem]:
        if not self._admins.exists():
            return [Problem(f"{self._folder} names no administrators.", "Add one by its gpg key.")]
        problems, wanted = [], set()
        for admin in _read(self._admins):
            try:
                wanted |= self._encryption_keys(admin)
            except (GpgFailed, Invalid) as error:
                problems.append(
                    Problem(error.message, f"Import the key of {admin}: gpg --import FILE")
                )
        for name in self._kept_names():
            if not self._sealed(name).exists():
                problems.append(
                    Problem(f"{self._sealed(name)} is missing.", "Restore it from its copy.")
                )
            elif not problems and not self._recipients(name) <= wanted:
                problems.append(
                    Problem(
                        f"{self._sealed(name)} is still encrypted for somebody who is no "
                        "administrator.",
                        "Remove that administrator again, then make a new root key.",
                    )
                )
        return problems

    # Administrators

    def set_up(self, *, admins: Sequence[str]) -> None:
        """Make the folder, with its first administrators; their public keys must be at hand."""
        self._check_known(admins)
        self._admins.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        try:
            create_file(self._admins, _lines(sorted(set(admins))), mode=0o644)
        except FileExistsError:
            raise Conflict(f"{self._folder} is set up already.") from None

    def admins(self) -> list[str]:
        """Who can open the key; KeyStoreUnusable if the folder was never set up."""
        admins = _read(self._admins)
        if not admins:
            raise KeyStoreUnusable(f"{self._folder} names no administrators.")
        return admins

    def add_admin(self, admin: str) -> None:
        """Encrypt everything that is kept for one administrator more."""
        if admin in self.admins():
            raise Conflict(f"{admin} is an administrator already.")
        self._check_known([admin])
        self._encrypt_again(sorted([*self.admins(), admin]))

    def remove_admin(self, admin: str) -> None:
        """Encrypt everything that is kept without one administrator.

        What that person has read or copied stays known to them: make a new root key afterwards.
        """
        admins = self.admins()
        if admin not in admins:
            raise Invalid(f"{admin} is no administrator here.")
        if len(admins) == 1:
            raise Conflict("The last administrator cannot be removed: nobody could open the key.")
        self._encrypt_again([other for other in admins if other != admin])

    def _encrypt_again(self, admins: list[str]) -> None:
        """All of it is made before any of it is put in place."""
        made = {name: self._encrypt(self._decrypt(name), admins) for name in self._kept_names()}
        for name, content in made.items():
            replace_file(self._sealed(name), content, mode=0o644)
        replace_file(self._admins, _lines(admins), mode=0o644)

    def rewrap(self) -> None:
        """Encrypt everything that is kept again for the same administrators.

        For when one of them got a new subkey, or a file was encrypted by hand for too many.
        """
        self._encrypt_again(self.admins())

    # gpg

    def _read_key(self, name: str) -> Key:
        try:
            return read_root_key(self._decrypt(name).decode())
        except (RootKeyUnreadable, UnicodeDecodeError):
            raise KeyStoreUnusable(f"{self._sealed(name)} holds no root key.") from None

    def _sealed(self, name: str) -> Path:
        return self._folder / f"{name}.gpg"

    def _kept_names(self) -> list[str]:
        names = _read(self._files)
        staged = self._staged_name()
        if staged is not None and staged not in names:
            names.append(staged)  # the list is written after the file
        for name in names:
            path = PurePosixPath(name)
            if path.is_absolute() or ".." in path.parts:
                raise KeyStoreUnusable(f"{self._files} names a path outside its folder.")
        return names

    def _check_known(self, admins: Sequence[str]) -> None:
        if not admins:
            raise Invalid("At least one administrator is needed.")
        for admin in admins:
            self._encryption_keys(admin)

    def _encryption_keys(self, admin: str) -> set[str]:
        """The ids of the keys of `admin` that can encrypt; Invalid unless one person is meant."""
        if not admin or admin.startswith("-") or any(sign.isspace() for sign in admin):
            raise Invalid("An administrator is named by fingerprint, key id or email.")
        listed = self._gpg("--with-colons", "--list-keys", "--", admin).decode()
        rows = [line.split(":") for line in listed.splitlines()]
        if sum(row[0] == "pub" for row in rows) != 1:
            raise Invalid(f"{admin} names more than one key: use the fingerprint.")
        keys = {
            row[4]
            for row in rows
            if row[0] in ("pub", "sub") and "e" in row[11] and row[1] not in ("r", "e", "d", "i")
        }
        if not keys:
            raise Invalid(f"The key of {admin} is expired, revoked or cannot encrypt.")
        return keys

    def _encrypt(self, content: bytes, admins: Sequence[str]) -> bytes:
        self._check_known(admins)
        recipients = [option for admin in admins for option in ("--recipient", admin)]
        return self._gpg(
            *("--trust-model", "always", "--no-encrypt-to", "--compress-algo", "none"),
            *recipients,
            "--encrypt",
            content=content,
        )

    def _decrypt(self, name: str) -> bytes:
        return self._gpg("--decrypt", "--", str(self._sealed(name)))

    def _recipients(self, name: str) -> set[str]:
        """The ids of the keys that a file is encrypted for."""
        listed = self._gpg(
            "--list-only", "--list-packets", "--status-fd", "1", "--", str(self._sealed(name))
        )
        rows = [line.split() for line in listed.decode(errors="replace").splitlines()]
        return {row[2] for row in rows if row[:2] == ["[GNUPG:]", "ENC_TO"]}

    def _gpg(self, *arguments: str, content: bytes = b"") -> bytes:
        """What gpg answers on its standard output; content goes in by standard input only."""
        environment = {
            name: value for name in ("PATH", "HOME", "GNUPGHOME") if (value := os.environ.get(name))
        }
        environment["LC_ALL"] = "C"
        if self._gnupghome is not None:
            environment["GNUPGHOME"] = str(self._gnupghome)
        command = [self._program, "--batch", "--no-tty", "--quiet", "--no-options"]
        command += ["--pinentry-mode", "error", "--no-auto-key-locate", *arguments]
        try:
            done = subprocess.run(
                command,
                input=content,
                capture_output=True,
                env=environment,
                timeout=_PATIENCE_SECONDS,
                check=False,
            )
        except FileNotFoundError:
            raise GpgFailed(f"The program {self._program} is not installed.") from None
        except subprocess.TimeoutExpired:
            raise GpgFailed(f"{self._program} did not answer in {_PATIENCE_SECONDS} s.") from None
        if done.returncode != 0:
            raise GpgFailed(done.stderr.decode(errors="replace").strip() or "gpg failed.")
        return done.stdout


def _read(path: Path) -> list[str]:
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError:
        return []
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def _lines(values: Sequence[str]) -> bytes:
    return "".join(f"{value}\n" for value in values).encode()
