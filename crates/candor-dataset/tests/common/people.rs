//! Made-up participants with opened segments.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use candor_dataset::{DatasetSecret, ParticipantInput, SessionInput, Spec};
use candor_model::element::{ElementOf, ElementRole};
use candor_model::event::{Button, Surrogate};
use candor_model::header::{Form, Schema, SessionContext};
use candor_model::key::NamedKey;
use candor_model::unit::{ClockUnit, PositionUnit};
use candor_model::{ConsentId, DeviceId, Event, Hash, Header, ParticipantId, ProgramId, Purpose, Purposes, SessionId};
use candor_seal::{Dek, Opened};
use getrandom::SysRng;
use rand_core::UnwrapErr;

use super::{hand, named, symbol};

/// An application's name that must not appear in sealed bytes.
pub const CANARY: &str = "canary-office-suite";
pub const EXPIRES: u64 = 1_800_000_000;

pub fn rng() -> UnwrapErr<SysRng> {
    UnwrapErr(SysRng)
}

pub fn secret() -> DatasetSecret {
    DatasetSecret::from_bytes([42; 32])
}

pub fn spec(more: &str) -> Spec {
    let text = format!(
        "dataset = \"d-11111111111111111111111111111111\"\nname = \"office\"\npurpose = \"train-computer-use\"\n\
         min_people = 2\n{more}"
    );
    Spec::parse(&text).unwrap()
}

pub fn participant(n: u8) -> ParticipantId {
    ParticipantId::from_bytes([n; 16])
}

pub fn session(n: u8) -> SessionId {
    SessionId::from_bytes([0x50 + n; 16])
}

pub fn context(n: u8) -> SessionContext {
    SessionContext {
        program: ProgramId::from_bytes([0xaa; 16]),
        participant: participant(n),
        device: DeviceId::from_bytes([0xbb; 16]),
        session: session(n),
        imported: n == 3,
        clock_unit: ClockUnit::MILLISECOND,
        position_unit: PositionUnit::PIXEL,
        period: 1,
        consent: ConsentId::from_bytes([0xcc; 16]),
        consent_hash: Hash([0xdd; 32]),
        purposes: Purposes::from_iter([Purpose::TrainComputerUse]),
        redactor: 1,
    }
}

/// Work that holds every kind of step, a little different for everybody.
pub fn events(n: u8) -> Vec<Event> {
    let mut hand = hand();
    hand.window(CANARY);
    for turn in 0..i32::from(n) + 2 {
        hand.element(ElementOf::Focus, ElementRole::Textbox, None, (0, 0, 500, 100));
        hand.text("hello 12!\n").wait(2_500).click(Button::LEFT, 100 + turn, 200);
        hand.element(ElementOf::Press, ElementRole::Button, Some("Save as…"), (90, 190, 80, 24));
        hand.click(Button::LEFT, 100 + turn, 200);
        hand.wait(700).drag((10, 20), (300, 220)).scroll(0, 120).wait(10).scroll(0, 120).wait(700);
        hand.down(named(NamedKey::Control)).tap(symbol('c')).up(named(NamedKey::Control)).tap(named(NamedKey::Tab));
        hand.press(Button::RIGHT, 9, 9).wait(1_500).release(Button::RIGHT, 9, 9).gap();
    }
    hand.passed("Dear ⟦team⟧ it's\\").text("\n").passed("ok ").text("12 ").value(Surrogate::Email, 40);
    hand.wait(10_500).passed("done").text("\n").wait(10_500).value(Surrogate::Email, 41).value(Surrogate::Email, 40);
    hand.events
}

/// The events in `parts` segments.
pub fn segments(context: &SessionContext, events: &[Event], parts: usize) -> Vec<Opened> {
    let size = events.len().div_ceil(parts).max(1);
    let segment = |(number, events): (usize, &[Event])| {
        let number = u32::try_from(number).unwrap();
        let (schema, form, commitment) = (Schema::Events, Form::Compact, [0; 32]);
        let header = Header { schema, form, context: context.clone(), number, encapsulation: 0, commitment };
        Opened { header, events: events.to_vec() }
    };
    events.chunks(size).enumerate().map(segment).collect()
}

pub fn input_of(context: SessionContext, segments: Vec<Opened>) -> ParticipantInput<'static> {
    let (participant, expires) = (context.participant, EXPIRES);
    let segments = Box::new(segments.into_iter().map(Ok));
    let sessions = vec![SessionInput { context, expires, segments }];
    ParticipantInput { participant, file_key: Dek::generate(&mut rng()), sessions }
}

pub fn input(n: u8, parts: usize) -> ParticipantInput<'static> {
    input_of(context(n), segments(&context(n), &events(n), parts))
}
