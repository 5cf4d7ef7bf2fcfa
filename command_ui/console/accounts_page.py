"""How are the pages of the three administrators opened? They show accounts and the audit, and nothing of the map."""

from command_ui.access import audit
from command_ui.access.administration import GIVEN
from command_ui.access.rules import BOUNDS
from command_ui.console.accounts_components import AccountRoom, AuditRoom
from command_ui.console.part import Part
from command_ui.console.shell import ShellPage


class OfficePage(ShellPage):
    """What both have in common: the app bar without weather and incidents, which the three have no right to."""

    async def pull_bar(self) -> None:
        """Draw the app bar without anything of the duty."""
        self.bar.param.update(services={"problems": []}, city="")


class AccountsPage(OfficePage):
    """The page 账号与权限: accounts, rights, sessions, rules of the door."""

    code = "accounts"

    def build(self) -> tuple[Part, ...]:
        """Make the one part of the page."""
        self.view = AccountRoom(
            theme=self.state.theme,
            language=self.language,
            csrf_token=self.person.csrf_token,
            person=self.person.name,
            may_keep=self.person.may("keep_accounts"),
            may_grant=self.person.may("grant"),
            roles=list(GIVEN),
            bounds={name: list(pair) for name, pair in BOUNDS.items()},
            **self.common,
        )
        return (self.view,)


class AuditPage(OfficePage):
    """The page 安全审计: what everybody did, and whether it is whole."""

    code = "audit"

    def build(self) -> tuple[Part, ...]:
        """Make the one part of the page."""
        self.view = AuditRoom(
            theme=self.state.theme,
            language=self.language,
            csrf_token=self.person.csrf_token,
            events=list(audit.EVENTS),
            **self.common,
        )
        return (self.view,)
