//! The program; see the library beside it.

use std::process::ExitCode;

fn main() -> ExitCode {
    #[cfg(feature = "device")]
    let writer = tracing_subscriber::fmt::writer::MakeWriterExt::and(std::io::stderr, candor::logs::ToFile);
    #[cfg(not(feature = "device"))]
    let writer = std::io::stderr;
    tracing_subscriber::fmt().with_writer(writer).with_ansi(false).with_target(false).init();
    quiet_on_closed_pipe();
    candor::run()
}

/// `candor … | head` ends quietly: `println!` panics where nobody reads any more, and there is no stable way to have it end
/// like other programs do.
fn quiet_on_closed_pipe() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if panic.payload_as_str().is_some_and(|text| text.starts_with("failed printing to stdout")) {
            std::process::exit(0);
        }
        report(panic);
    }));
}
