"""Proving again that it is oneself, and proving one's real name."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.views import BaseReauthenticateView
from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from wuyou.domains.identity import operations as identity
from wuyou.domains.identity import queries
from wuyou.domains.identity.operations.real_names import Proven
from wuyou.domains.identity.providers import senders
from wuyou.domains.social import operations as social
from wuyou.infra import db
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import utc_now
from wuyou.kernel.errors import DomainError
from wuyou.surfaces.storefront.access import actor_of, signed_in
from wuyou.surfaces.storefront.accounts.forms import ConfirmCodeForm, RealNameForm
from wuyou.surfaces.storefront.accounts.processes import ContactProcess, ProofProcess, may_send
from wuyou.surfaces.storefront.accounts.viewmodels import real_name_of
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.ui.errors import status_of, text_of, too_many


@method_decorator([login_required, never_cache], name="dispatch")
class ProveByCode(BaseReauthenticateView):  # type: ignore[misc]
    """For who signed in by a code and has nothing else: another code, to the same contact."""

    form_class = ConfirmCodeForm
    template_name = "account/prove_by_code.html"
    http_method_names = ("get", "head", "post")
    process: ContactProcess | None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send a code when none is under way."""
        if (request.method or "").lower() not in self.http_method_names:
            return self.http_method_not_allowed(request)  # type: ignore[no-any-return]
        self.process = ProofProcess.resume(request)
        if self.process is None:
            own = [
                own for own in queries.contacts_of(actor_of(request).person_id) if senders.can_send(own.contact.kind)
            ]
            if not own:
                return redirect("storefront:account")
            if elsewhere := self._check_reauthentication_method_available(request):
                return elsewhere  # type: ignore[no-any-return]
            if not may_send(request, own[0].contact):
                return too_many(request)
            self.process = ProofProcess.begin(request, own[0].contact)
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def get_form_kwargs(self) -> dict[str, Any]:
        """The code that was sent."""
        assert self.process is not None  # noqa: S101  (dispatch made it)
        return {**super().get_form_kwargs(), "code": self.process.code}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Where the code went."""
        assert self.process is not None  # noqa: S101
        return {**super().get_context_data(**kwargs), "recipient": self.process.contact.value}

    def form_valid(self, form: ConfirmCodeForm) -> HttpResponse:
        """It is them."""
        assert self.process is not None  # noqa: S101
        self.process.abort()
        contact = self.process.contact
        record_authentication(
            self.request, self.request.user, method="code", reauthenticated=True, **{contact.kind.value: contact.value}
        )
        response: HttpResponse = super().form_valid(form)
        return response

    def form_invalid(self, form: ConfirmCodeForm) -> HttpResponse:
        """After five wrong codes another one is sent."""
        assert self.process is not None  # noqa: S101
        self.process.record_invalid_attempt()
        response: HttpResponse = super().form_invalid(form)
        response.status_code = 422
        return response

    def get_default_success_url(self) -> str:
        """Back to the overview."""
        return reverse("storefront:account")


@signed_in
@sensitive_post_parameters("name", "number")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def show_real_name(request: HttpRequest) -> HttpResponse:
    """Prove one's real name, or see that it is proven. What was typed is never shown again."""
    actor, now = actor_of(request), utc_now()
    form = RealNameForm(request.POST if request.method == "POST" else None)
    context: dict[str, object] = {"form": form, "real_name": real_name_of(actor.person_id)}
    if request.method != "POST":
        return show(request, "real_name.html", context)
    if not ratelimit.consume(request, action="real_name", user=request.user):
        return too_many(request)
    status = 422
    if form.is_valid():
        said = form.cleaned_data
        try:
            proven = identity.check_real_name(name=said["name"], number=said["number"], now=now)
            db.in_transaction(lambda: _keep(actor, proven))
        except DomainError as refused:
            form.add_error(None, text_of(refused))
            status = status_of(refused)
        else:
            messages.success(request, _("Your real name is proven"))
            return redirect("storefront:real-name")
    form.data = {}
    return show(request, "real_name.html", context, status=status)


def _keep(actor: Actor, proven: Proven) -> None:
    """Keep the proof; an age that was stated against it goes in the same transaction."""
    identity.keep_real_name_proof(user_id=actor.person_id, proven=proven)
    social.drop_refuted_age(actor=actor)
