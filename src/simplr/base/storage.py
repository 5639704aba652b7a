"""Nothing of an upload ever reaches a disk in the clear: Django's own file paths are shut."""

from __future__ import annotations

from typing import Any, NoReturn

from django.core.files.storage import Storage
from django.core.files.uploadhandler import FileUploadHandler

from simplr_core.errors import Invalid


class FilesGoElsewhere(Invalid):
    """Files are sent as the whole body of an upload, so that they are sealed as they stream."""

    code = "files-go-elsewhere"


class RefusingUploadHandler(FileUploadHandler):
    """Refuses multipart files: Django would spool them to a temporary file in the clear."""

    def new_file(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise FilesGoElsewhere

    def receive_data_chunk(self, raw_data: bytes, start: int) -> NoReturn:
        raise FilesGoElsewhere

    def file_complete(self, file_size: int) -> None:
        return None


class NoFileStorage(Storage):
    """Stands where Django wants a default storage; keeps nothing."""

    def _open(self, name: str, mode: str = "rb") -> NoReturn:
        raise FilesGoElsewhere

    def _save(self, name: str | None, content: Any) -> NoReturn:
        raise FilesGoElsewhere

    def exists(self, name: str) -> bool:
        return False
