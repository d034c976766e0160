"""Inviting somebody, and accepting an invitation."""

from dataclasses import replace

from bot.scenes import calendar, portrait, starter, welcome
from bot.scenes.keyboard import button, column, footer, mark, row
from bot.scenes.names import cleaned
from bot.scenes.screen import Button, InvitationCard, Screen, Tap
from bot.scenes.turn import Turn
from storage import checkins, couples, invites, outbox, people
from storage.records import Invite, OnUnknown, Person
from storage.store import Tx


def invite(turn: Turn, tx: Tx) -> Screen:
    """`/invite`: the open invitation, or what the partner calls me, to begin one."""
    couple = couples.of(tx, turn.person.id)
    if couple is not None:
        name = couples.partner_name(tx, couple, turn.person.id)
        text = turn.words.render("invite_paired", partner=name)
        return Screen(text, (footer(turn),), Tap("invite"), protect=True)
    existing = invites.open_of(tx, turn.person.id, turn.now)
    if existing is not None:
        return _card(turn, tx, existing)
    return _ask_name(turn, "invite_name", Tap("invite"), Tap("invite.make"))


def _ask_name(turn: Turn, template: str, place: Tap, takes: Tap, **values: str) -> Screen:
    """Ask what the partner calls the person: Telegram's name on a button, or any other typed.

    There is no button where Telegram's name is none, or is not known because the question is painted again.
    """
    suggested = cleaned(turn.visitor.first_name)
    rows = column(Button(suggested, tap=takes)) if suggested else ()
    text = turn.words.render(template, suggested=bool(suggested), **values)
    return Screen(text, (*rows, footer(turn)), place)


def make(turn: Turn, tx: Tx) -> Screen:
    """Make an invitation under a typed or suggested name."""
    if couples.of(tx, turn.person.id) is not None:
        return invite(turn, tx)
    name = cleaned(turn.visitor.first_name if turn.text is None else turn.text)
    if not name:
        return _ask_name(turn, "name_again", Tap("invite"), Tap("invite.make"))
    existing = invites.open_of(tx, turn.person.id, turn.now)
    return _card(turn, tx, existing or invites.add(tx, inviter_id=turn.person.id, name=name, now=turn.now))


def make_typed(turn: Turn, tx: Tx) -> Screen:
    """A typed name; where an invitation is open already, typed text is only typed text."""
    if couples.of(tx, turn.person.id) is not None or invites.open_of(tx, turn.person.id, turn.now) is not None:
        return welcome.typed(turn, tx)
    return make(turn, tx)


def _card(turn: Turn, tx: Tx, invitation: Invite) -> Screen:
    codes = invites.codes(tx, invitation)
    link = f"https://t.me/{turn.house.bot_username}?start={codes.link}"
    words = turn.words
    message = f"{words.render('share_invitation')}\n{link}"
    return Screen(
        words.render("invite_card", link=link, code=codes.short, until=calendar.day(turn, invitation.expires_at)),
        (
            row(Button(words.label("button.send_invitation"), share=message)),
            row(
                Button(words.label("button.copy_invitation"), copy=link),
                button(turn, "button.withdraw", "invite.withdraw", mark(invitation.created_at)),
            ),
            footer(turn),
        ),
        Tap("invite"),
        picture=InvitationCard(words.label("card.heading"), link, words.label("card.line")),
    )


def withdraw(turn: Turn, tx: Tx) -> Screen:
    """Take the open invitation back; a tap that comes too late shows what there is instead."""
    invitation = invites.open_of(tx, turn.person.id, turn.now)
    if invitation is not None and turn.tap.args == (mark(invitation.created_at),):
        invites.withdraw(tx, invitation, turn.now)
    elif invitation is not None or couples.of(tx, turn.person.id) is not None:
        return invite(turn, tx)
    return Screen(
        turn.words.render("invite_withdrawn"),
        (row(button(turn, "button.invite", "invite")), footer(turn)),
        Tap("home"),
    )


def first_words(turn: Turn, tx: Tx) -> Screen:
    """What a newcomer types: the code that somebody read aloud, or a hello, which the welcome answers."""
    if invites.resembles_code(turn.text or ""):
        return opened(turn, tx, turn.text or "")
    return welcome.screen(turn, tx) if turn.person.panel.message_id is None else welcome.typed(turn, tx)


def ask_code(turn: Turn, _tx: Tx) -> Screen:
    """Ask for the short code that somebody reads aloud."""
    return Screen(turn.words.render("code_ask"), (footer(turn),), Tap("code"))


def opened(turn: Turn, tx: Tx, code: str) -> Screen:
    """`/start CODE`: who invites, what pairing means, and whether one wants that.

    Whatever is the matter on the other side gets one and the same sentence; only one's own state gets its own.
    The operator's own link is no invitation: it only opens the door to the first person.
    """
    if invites.is_door_code(tx, code):
        return welcome.home(turn, tx)
    couple = couples.of(tx, turn.person.id)
    if couple is not None:
        name = couples.partner_name(tx, couple, turn.person.id)
        text = turn.words.render("join_paired", partner=name)
        return Screen(text, (footer(turn),), Tap("home"), protect=True)
    # Only a short code could be found by trying: a link opens however many codes others have tried.
    guess = invites.can_be_guessed(code)
    if guess and invites.too_many_attempts(tx, turn.person.id, turn.now):
        return Screen(turn.words.render("join_slowly"), (footer(turn),), Tap("home"))
    invitation = invites.find(tx, code)
    if invitation is not None and invitation.inviter_id == turn.person.id:
        return Screen(
            turn.words.render("join_own"), (row(button(turn, "button.invite", "invite")), footer(turn)), Tap("home")
        )
    inviter = _ready_inviter(turn, tx, invitation)
    if invitation is None or inviter is None:
        if guess:
            invites.note_attempt(tx, turn.person.id, turn.now)
        return _unusable(turn)
    token = invites.codes(tx, invitation).link
    words = turn.words
    return Screen(
        words.render("join", inviter=invites.name(tx, invitation), operator=turn.house.operator_name),
        (
            *column(
                button(turn, "button.choose_freely", "join.yes", token),
                button(turn, "button.only_me", "join.alone"),
                button(turn, "button.not_now", "join.no"),
            ),
            row(button(turn, "button.safety", "safety")),
        ),
        Tap("join", (token,)),
        protect=True,
    )


def _ready_inviter(turn: Turn, tx: Tx, invitation: Invite | None) -> Person | None:
    """Who invites, if the invitation can still be accepted."""
    if invitation is None or not invites.is_open(invitation, turn.now):
        return None
    if couples.of(tx, invitation.inviter_id) is not None:
        return None
    return people.get(tx, invitation.inviter_id)


def _unusable(turn: Turn) -> Screen:
    """The one sentence; whoever was typing a code may type the next one at once."""
    rows = column(button(turn, "button.have_code", "code"))
    if turn.person.first_day is None:
        rows = (*rows, row(button(turn, "button.begin_alone", "begin")))
    return Screen(
        turn.words.render("join_unusable"), (*rows, footer(turn)), Tap("code" if turn.tap.kind == "code" else "home")
    )


def join(turn: Turn, tx: Tx) -> Screen:
    """Paint the invitation again, or take a typed short code."""
    return opened(turn, tx, turn.text if turn.text is not None else turn.tap.args[0])


def alone(turn: Turn, tx: Tx) -> Screen:
    """Only for myself: a person alone is a full user."""
    return welcome.begin(turn, tx) if turn.person.adult_at is None else welcome.home(turn, tx)


def decline(turn: Turn, _tx: Tx) -> Screen:
    """Not now: nobody is told."""
    return Screen(turn.words.render("join_declined"), (footer(turn),), Tap("home"))


def accept(turn: Turn, tx: Tx) -> Screen:
    """Chosen freely: one last question before the pair forms, what the partner calls the person."""
    token = turn.tap.args[0]
    invitation = invites.find(tx, token)
    if (
        invitation is None
        or invitation.inviter_id == turn.person.id
        or couples.of(tx, turn.person.id) is not None
        or _ready_inviter(turn, tx, invitation) is None
    ):
        return opened(turn, tx, token)
    if turn.person.adult_at is None:
        people.change(tx, turn.person.id, adult_at=turn.now)
    inviter = invites.name(tx, invitation)
    asked = _ask_name(turn, "join_name", Tap("join.yes", (token,)), Tap("join.name", (token,)), inviter=inviter)
    return replace(asked, protect=True)


def join_name(turn: Turn, tx: Tx) -> Screen:
    """Form the pair under the typed or suggested name; a second tap on the name shows the pair."""
    if couples.of(tx, turn.person.id) is not None:
        return paired(turn, tx)
    typed = turn.text is not None
    token = turn.place.args[0] if typed else turn.tap.args[0]
    invitation = invites.find(tx, token)
    inviter = _ready_inviter(turn, tx, invitation)
    if turn.person.adult_at is None or invitation is None or inviter is None or inviter.id == turn.person.id:
        return opened(turn, tx, token)
    name = cleaned(turn.text if turn.text is not None else turn.visitor.first_name)
    if not name:
        return _ask_name(turn, "name_again", Tap("join.yes", (token,)), Tap("join.name", (token,)))
    if not invites.claim(tx, invitation, turn.person.id, turn.now):
        return _unusable(turn)
    inviter_name = invites.name(tx, invitation)
    couple = couples.pair(
        tx, inviter=inviter, invitee=turn.person, inviter_name=inviter_name, invitee_name=name, now=turn.now
    )
    own = invites.open_of(tx, turn.person.id, turn.now)
    if own is not None:
        invites.withdraw(tx, own, turn.now)
    calendar.begin_rounds(tx, couple, turn.now)
    starter.carry_over(tx, couple)
    outbox.put(
        tx,
        key=f"paired:{couple.id}",
        kind="paired",
        person_id=inviter.id,
        ref=couple.id,
        on_unknown=OnUnknown.RETRY,
        priority=1,
        available_at=turn.now,
        expires_at=turn.now + calendar.NOTICE_KEEPS,
        now=turn.now,
    )
    return paired(turn, tx)


def paired(turn: Turn, tx: Tx) -> Screen:
    """The pair has formed: show the picture there is, answer six again, or begin."""
    couple = couples.of(tx, turn.person.id)
    if couple is None:
        return welcome.home(turn, tx)
    name = couples.partner_name(tx, couple, turn.person.id)
    latest = checkins.latest(tx, turn.person.id)
    if latest is None:
        label = "button.resume" if checkins.unfinished(tx, turn.person.id) else "button.begin_now"
        rows = column(button(turn, label, "checkin"))
    elif portrait.can_be_shown(turn, tx, latest, couple):
        rows = column(
            button(turn, "button.show_this", "share", mark(latest.started_at)),
            button(turn, "button.six_again", "walk.begin"),
        )
    else:
        rows = column(button(turn, "button.questions", "checkin"))
    text = turn.words.render("paired", partner=name, has_picture=latest is not None, zone_known=bool(turn.person.zone))
    if turn.person.zone is None:
        rows = (*rows, row(button(turn, "button.when", "zone")))
    return Screen(text, (*rows, footer(turn)), Tap("paired"), protect=True)


def leave(turn: Turn, tx: Tx) -> Screen:
    """`/leave`: one question, for taps slip."""
    couple = couples.of(tx, turn.person.id)
    if couple is None:
        return Screen(turn.words.render("leave_none"), (footer(turn),), Tap("home"))
    name = couples.partner_name(tx, couple, turn.person.id)
    return Screen(
        turn.words.render("leave", partner=name),
        (
            row(
                button(turn, "button.leave", "leave.yes", mark(couple.created_at)), button(turn, "button.stay", "home")
            ),
            footer(turn),
        ),
        Tap("leave"),
        protect=True,
    )


def left(turn: Turn, tx: Tx) -> Screen:
    """Leave the pair, quietly and at once: for the other this looks like any other silence."""
    couple = couples.of(tx, turn.person.id)
    if couple is not None and turn.tap.args != (mark(couple.created_at),):
        return leave(turn, tx)
    if couple is not None:
        couples.leave(tx, couple, turn.person.id, turn.now)
    return Screen(turn.words.render("left"), (footer(turn),), Tap("home"))
