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

/// `candor … | head` ends quietly, and where the output cannot be written it says so: `println!` panics in both cases, and there is
/// no stable way to have it end like other programs do.
fn quiet_on_closed_pipe() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        match panic.payload_as_str().and_then(|text| text.strip_prefix("failed printing to stdout: ")) {
            Some(why) if why.starts_with("Broken pipe") => std::process::exit(0),
            Some(why) => {
                eprintln!("candor: the answer cannot be written: {why}");
                std::process::exit(2);
            }
            None => report(panic),
        }
    }));
}
