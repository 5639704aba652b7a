"""What each event says to people: "<who> <phrase>". The reference page is made from this table."""

from __future__ import annotations

from typing import Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from simplr.base.events import Event


class Words(NamedTuple):
    """A phrase that follows the name of the actor, and the icon beside it."""

    phrase: Promise | str
    icon: str


def _w(icon: str, phrase: Promise | str) -> Words:
    return Words(phrase, icon)


WORDS: Final[dict[Event, Words]] = {
    Event.PERSON_SIGNED_IN: _w("key", _("signed in")),
    Event.PERSON_SIGN_IN_FAILED: _w("stop", _("could not sign in: the credentials were wrong")),
    Event.PERSON_SIGNED_OUT: _w("key", _("signed out")),
    Event.SESSIONS_ENDED: _w("stop", _("ended all sessions of a person")),
    Event.PERSON_ADDED: _w("people", _("added a person to the installation")),
    Event.PERSON_CHANGED: _w("people", _("changed the name or organisation of a person")),
    Event.PERSON_DEACTIVATED: _w("stop", _("shut a person out of the installation")),
    Event.PERSON_LET_GO: _w("stop", _("let a person go, and handed over what was theirs")),
    Event.PERSON_REACTIVATED: _w("people", _("let a person back into the installation")),
    Event.PASSWORD_CHANGED: _w("key", _("set a new password")),
    Event.FACTOR_ADDED: _w("key", _("added a passkey, an authenticator or recovery codes")),
    Event.FACTOR_REMOVED: _w("key", _("removed a passkey, an authenticator or recovery codes")),
    Event.ORGANISATION_ADDED: _w("people", _("added an organisation")),
    Event.ORGANISATION_CHANGED: _w("people", _("changed an organisation")),
    Event.GROUP_ADDED: _w("people", _("made a group")),
    Event.GROUP_MEMBER_ADDED: _w("people", _("put a person into a group")),
    Event.GROUP_MEMBER_REMOVED: _w("people", _("took a person out of a group")),
    Event.INVITATION_SENT: _w("people", _("invited somebody by a one-time link")),
    Event.INVITATION_ACCEPTED: _w("people", _("accepted an invitation")),
    Event.INVITATION_REVOKED: _w("stop", _("took an invitation back")),
    Event.SIGNIN_LINK_ISSUED: _w("key", _("made a one-time link for signing in")),
    Event.SIGNIN_LINK_USED: _w("key", _("signed in by a one-time link")),
    Event.DIGEST_CHOSEN: _w("bell", _("chose whether a mail comes once a day")),
    Event.DIGEST_SENT: _w("bell", _("sent the daily mail to a person")),
    Event.OFFICE_GIVEN: _w("people", _("made a person an administrator or auditor")),
    Event.OFFICE_TAKEN: _w("stop", _("took the office of administrator or auditor from a person")),
    Event.LICENCE_ISSUED: _w("people", _("issued a licence: its holder may use the installation")),
    Event.LICENCE_REVOKED: _w("stop", _("revoked a licence")),
    Event.TOKEN_ISSUED: _w("key", _("made an access token")),
    Event.TOKEN_REVOKED: _w("stop", _("revoked an access token")),
    Event.TOKEN_SUSPENDED: _w("stop", _("let a token rest: its use was unusual")),
    Event.TOKEN_RESUMED: _w("key", _("let a token go on")),
    Event.TOKEN_RENEWED: _w("key", _("had a token renewed by its program")),
    Event.PROGRAM_REGISTERED: _w("key", _("let a program ask people to act for them")),
    Event.PROGRAM_REVOKED: _w("stop", _("revoked a program and all tokens of it")),
    Event.PROGRAM_ALLOWED: _w("key", _("allowed a program to act in one's name")),
    Event.ROLE_GIVEN: _w("people", _("made a person a member of a project, or changed the role")),
    Event.ROLE_TAKEN: _w("stop", _("took a person out of a project")),
    Event.GRANT_GIVEN: _w("people", _("gave a grant")),
    Event.GRANT_REVOKED: _w("stop", _("revoked a grant")),
    Event.ACCESS_ASKED: _w("share", _("asked for access")),
    Event.ACCESS_GRANTED: _w("people", _("granted what was asked for")),
    Event.ACCESS_DECLINED: _w("stop", _("declined what was asked for")),
    Event.ACCESS_WITHDRAWN: _w("stop", _("withdrew a request for access")),
    Event.ACCESS_LAPSED: _w("clock", _("let a request for access lapse")),
    Event.LINK_OPENED: _w("eye", _("opened a shared link")),
    Event.LINK_REFUSED: _w("stop", _("was refused at a shared link")),
    Event.ENTRY_REFUSED: _w("stop", _("was refused")),
    Event.PROJECT_ADDED: _w("projects", _("made a project")),
    Event.PROJECT_CHANGED: _w("projects", _("changed a project")),
    Event.RESOURCE_ADDED: _w("file", _("added a data set or a file")),
    Event.RESOURCE_CHANGED: _w("file", _("changed the description of a data set or a file")),
    Event.RESOURCE_MOVED: _w("file", _("moved something to another place of its project")),
    Event.FOLDER_ADDED: _w("file", _("made a folder")),
    Event.FOLDER_CHANGED: _w("file", _("changed the name or description of a folder")),
    Event.RESOURCE_TRASHED: _w("stop", _("put something in the trash")),
    Event.RESOURCE_BROUGHT_BACK: _w("file", _("brought something back from the trash")),
    Event.ERASURE_ORDERED: _w("stop", _("ordered something in the trash to be erased")),
    Event.RESOURCE_ERASED: _w("stop", _("erased something: its keys are destroyed")),
    Event.VERSION_ADDED: _w("file", _("kept a new version")),
    Event.VERSION_RESTORED: _w("file", _("brought an old version back")),
    Event.ORIGINAL_SCANNED: _w("seal", _("scanned an original file for malware")),
    Event.ORIGINAL_INFECTED: _w("stop", _("found malware in an original file")),
    Event.SCAN_ORDERED: _w("eye", _("had everything scanned that was not")),
    Event.CONTENT_READ: _w("eye", _("read an original file")),
    Event.PREVIEW_READ: _w("eye", _("looked at a preview of a file")),
    Event.COMMENT_ADDED: _w("story", _("wrote a comment")),
    Event.COMMENT_CHANGED: _w("story", _("changed a comment")),
    Event.COMMENT_REMOVED: _w("stop", _("removed a comment")),
    Event.FIELD_CHANGED: _w("file", _("changed what is said about a field")),
    Event.DICTIONARY_IMPORTED: _w("file", _("took over a data dictionary")),
    Event.UPLOAD_BEGUN: _w("up", _("began to send a file")),
    Event.UPLOAD_RECEIVED: _w("up", _("sent a file; it was sealed as it came")),
    Event.UPLOAD_CUT_OFF: _w("stop", _("sent a file that broke off or did not match its digest")),
    Event.UPLOAD_CANCELLED: _w("stop", _("cancelled an upload")),
    Event.UPLOAD_UNDERSTOOD: _w("up", _("recognised the fields and types of an upload")),
    Event.UPLOAD_READ_AS: _w("up", _("had an upload read in another way")),
    Event.UPLOAD_KEPT: _w("up", _("kept an upload")),
    Event.UPLOAD_FAILED: _w("stop", _("could not understand or keep an upload")),
    Event.RELEASE_ADDED: _w("share", _("made a release")),
    Event.RELEASE_ACCEPTED: _w("ok", _("accepted a new version for a release")),
    Event.RELEASE_ENDED: _w("stop", _("ended a release and the grants on it")),
    Event.RELEASE_REVIEWED: _w("eye", _("looked at a release as its readers will see it")),
    Event.ROWS_READ: _w("eye", _("read rows")),
    Event.ROWS_CUT_OFF: _w("stop", _("was cut off while reading rows")),
    Event.SAMPLE_READ: _w("eye", _("read sample rows")),
    Event.PROFILE_READ: _w("eye", _("read the profile of a data set")),
    Event.VERSIONS_COMPARED: _w("eye", _("compared two versions of a data set")),
    Event.QUARANTINE_READ: _w("eye", _("read what is in quarantine")),
    Event.QUARANTINE_EXPORTED: _w("get", _("took along what is in quarantine")),
    Event.QUARANTINE_MENDED: _w("ok", _("mended what was in quarantine")),
    Event.RECIPE_READ: _w("eye", _("read the recipe of a version")),
    Event.ACCESS_EXPLAINED: _w("eye", _("asked why somebody may see something")),
    Event.STORE_UNSEALED: _w("seal", _("unsealed the store")),
    Event.OBJECT_DAMAGED: _w("stop", _("found a stored object missing or changed")),
    Event.OBJECT_MENDED: _w("seal", _("found a damaged object whole again")),
    Event.ROOT_KEY_ROTATED: _w("key", _("exchanged the root key")),
    Event.PROJECT_KEY_ROTATED: _w("key", _("exchanged the key of a project")),
    Event.STORE_UNSEAL_REFUSED: _w("stop", _("brought a wrong root key")),
    Event.OBJECT_SWEPT: _w("stop", _("swept away an object that nothing refers to")),
    Event.ALERT_RAISED: _w("bell", _("noticed unusual access")),
    Event.ALERT_DISMISSED: _w("ok", _("said that an alert was a false alarm")),
    Event.ALERT_CONFIRMED: _w("stop", _("said that an alert was right")),
    Event.LEDGER_READ: _w("ledger", _("read the ledger")),
    Event.LEDGER_EXPORTED: _w("ledger", _("exported the ledger")),
    Event.BACKUP_TAKEN: _w("seal", _("took a backup of everything but the root key")),
    Event.INSTALLATION_RESTORED: _w("seal", _("brought the installation back from a backup")),
    Event.JOB_FAILED: _w("stop", _("could not finish a background job")),
    Event.ERROR_RAISED: _w("stop", _("met a fault of the installation")),
}


def words_of(code: str) -> Words:
    """The words of a code as it was written down; the code itself if it is older than these."""
    try:
        return WORDS[Event(code)]
    except (ValueError, KeyError):
        return Words(code, "ledger")
