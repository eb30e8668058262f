import AtlassianDocument
import Database
import JiraClient
import Reading
import SearchIndex
import Store
import SyncEngine

/// How a failure is told: to scripts by exit code, to people by what happened, why, and what to do.
struct FailureReport {
    let exitCode: ExitCode
    let message: String

    init(_ error: any Error) {
        switch error {
        case let error as UsageError:
            self.init(.wrongUsage, error.description + "\n'--help' behind a command says how it is used.")
        case let error as SyncFailure: self.init(ExitCode(error.kind), error.description)
        case let error as JiraError: self.init(ExitCode(error), error.personalDescription)
        case let error as any CustomStringConvertible: self.init(.failed, error.description)
        default: self.init(.failed, String(describing: error))
        }
    }

    private init(_ exitCode: ExitCode, _ message: String) {
        self.exitCode = exitCode
        self.message = message
    }
}

extension ExitCode {
    init(_ kind: SyncFailure.Kind) {
        self =
            switch kind {
            case .failed: .failed
            case .refused: .refused
            case .unreachable: .unreachable
            }
    }

    init(_ error: JiraError) {
        self = error.concernsAccess ? .refused : error.concernsReachability ? .unreachable : .failed
    }
}
