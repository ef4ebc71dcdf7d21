"""Pages for someone who can't get in any more: codes on paper, a link by e-mail, and making fresh codes.

They say the same whether a name or an address is known here or not.
"""

from __future__ import annotations

from starlette.background import BackgroundTask
from starlette.responses import Response

from community.people import People
from community.recovery import Recovery
from community.web.pages import Page
from community.web.visit import Visit
from community.web.words import _


class RecoveryPages:
    def __init__(self, recovery: Recovery, people: People) -> None:
        self._recovery = recovery
        self._people = people

    def pages(self) -> list[Page]:
        link = "/recover/link/{token}"
        return [
            Page("GET", "/recover", self.ways, signed_in=False),
            Page("GET", "/recover/code", self.code_form, signed_in=False),
            Page("POST", "/recover/code", self.by_code, signed_in=False, again=self.code_form),
            Page("GET", "/recover/mail", self.mail_form, signed_in=False),
            Page("POST", "/recover/mail", self.ask_for_mail, signed_in=False, again=self.mail_form),
            Page("GET", "/recover/sent", self.sent, signed_in=False),
            Page("GET", link, self.link_form, signed_in=False),
            Page("POST", link, self.by_link, signed_in=False, again=self.link_form),
            Page("GET", "/me/recovery", self.mine),
            Page("POST", "/me/recovery", self.new_codes, again=self.mine),
        ]

    async def ways(self, visit: Visit) -> Response:
        return visit.render("recover.html", by_mail=self._recovery.mailer.is_there)

    async def code_form(self, visit: Visit) -> Response:
        return visit.render("recover_code.html")

    async def by_code(self, visit: Visit) -> Response:
        form = await visit.form()
        handle, code = form.get("handle"), form.get("code")
        await self._recovery.by_code(handle, code, form.exact("password"), visit.address)
        return visit.redirect("/sign-in", say=_("Your new password is set. Please sign in with it."))

    async def mail_form(self, visit: Visit) -> Response:
        return visit.render("recover_mail.html", by_mail=self._recovery.mailer.is_there)

    async def ask_for_mail(self, visit: Visit) -> Response:
        form = await visit.form()
        email = await self._recovery.count_asking(form.get("email"), visit.address)
        response = visit.redirect("/recover/sent")
        if self._recovery.mailer.is_there:
            # After the answer went out: the time it takes would tell whether the address is known.
            response.background = BackgroundTask(self._recovery.mail_links, email)
        return response

    async def sent(self, visit: Visit) -> Response:
        return visit.render("recover_sent.html")

    async def link_form(self, visit: Visit) -> Response:
        """Looking spends nothing: mail programs open links by themselves."""
        stands = await self._recovery.stands(visit.path["token"])
        response = visit.render("recover_link.html", 200 if stands else 404, stands=stands)
        response.headers["referrer-policy"] = "no-referrer"  # the link is a secret until it is used
        return response

    async def by_link(self, visit: Visit) -> Response:
        form = await visit.form()
        await self._recovery.by_link(visit.path["token"], form.exact("password"))
        return visit.redirect("/sign-in", say=_("Your new password is set. Please sign in with it."))

    async def mine(self, visit: Visit) -> Response:
        ways = await self._recovery.ways(visit.signed().member_id)
        return visit.render("recovery.html", ways=ways)

    async def new_codes(self, visit: Visit) -> Response:
        """Shown in the answer itself, once; they are kept as hashes alone. Asks for the password: a code opens
        the account for good, and a phone that somebody borrowed for a minute must not be worth that much."""
        form, member = await visit.form(), visit.signed().member_id
        await self._people.check_own_password(member, form.exact("password"))
        codes = await self._recovery.new_codes(member)
        onward = visit.next_path(form.get("next"), "/me")
        return visit.render("recovery_codes.html", codes=codes, onward=onward)
