"""The page on which an officer unseals the store."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from simplr.base.actors import actor_of
from simplr.base.entry import anyone
from simplr.vault import queries, unsealing
from simplr.vault.forms import RootKeyForm
from simplr_core.errors import Refused


@anyone(because="the root key is the credential; the key agent counts wrong ones")
@sensitive_post_parameters("key")
@require_http_methods(["GET", "POST"])
def unseal(request: HttpRequest) -> HttpResponse:
    """Ask for the root key while the store is sealed."""
    form = RootKeyForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            unsealing.try_root_key(written_key=form.cleaned_data["key"], actor=actor_of(request))
        except Refused as error:
            form.add_error("key", error.message)
            status = error.status
        else:
            messages.success(request, _("The store is open."))
            return HttpResponseRedirect("/")
    store = queries.key_store_state()
    if not store.sealed and status == 200:
        return HttpResponseRedirect("/")
    return render(request, "simplr/unseal.html", {"form": form, "store": store}, status=status)
