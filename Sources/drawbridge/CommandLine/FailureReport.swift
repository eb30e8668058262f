/// How a failure is told: to scripts by exit code, to people by what happened, why, and what to do.
struct FailureReport {
    let exitCode: ExitCode
    let message: String
}
