import AtlassianDocument
import AuditTrail
import Backup
import ChangeFeed
import Configuration
import Console
import Database
import JiraClient
import Reading
import SearchIndex
import SignIn
import SiteConnection
import SourceAdministration
import Store
import SyncEngine
import Workspace

/// How a failure is told: to scripts by exit code, to people by what happened, why, and what to do.
struct FailureReport {
    let exitCode: ExitCode
    let message: String

    init(_ error: any Error) {
        switch error {
        case let error as UsageError:
            self.init(.wrongUsage, [error.description, "'--help' behind a command says how it is used."])
        case let error as SearchError: self.init(error)
        case let error as SyncFailure:
            self.init(ExitCode(error.kind), [error.what, error.personalWhy, error.fix])
        case let error as JiraError: self.init(ExitCode(error), [error.personalDescription])
        case let error as ReadingError: self.init(.failed, [error.message])
        case let error as WorkspaceError: self.init(ExitCode(error), [error.message])
        case let error as AdministrationError:
            self.init(error.code == .invalid ? .wrongUsage : .failed, [Self.sentence(error.message)])
        case let error as SignInError:
            let isTyped = [.invalid, .weakPassword].contains(error.code)
            self.init(isTyped ? .wrongUsage : error.code == .forbidden ? .refused : .failed, [error.message])
        case let error as FeedError: self.init(.failed, [error.message])
        case let error as AuditError: self.init(.failed, [error.message])
        case let error as StoreError:
            let hint = "'drawbridge source add' makes it; --data or DRAWBRIDGE_DATA names another."
            self.init(.failed, [Self.sentence(error.message), error.code == .folderMissing ? hint : ""])
        case let error as DatabaseError:
            self.init(
                .failed, ["The database: \(Self.sentence(error.message))", error.advice.map(Self.sentence) ?? ""])
        case let error as SettingError: self.init(.wrongUsage, [Self.sentence(error.message)])
        case let error as BackupError:
            let isUsage = [.exists, .notEmpty].contains(error.code)
            self.init(isUsage ? .wrongUsage : .failed, [Self.sentence(error.message)])
        case let error as any CustomStringConvertible: self.init(.failed, [error.description])
        default: self.init(.failed, [String(describing: error)])
        }
    }

    /// What is wrong with a query is the asker's to mend; a damaged index is not.
    private init(_ error: SearchError) {
        let isOurs = [.damaged, .textNotStored].contains(error.code)
        let said = error.message + " " + (error.advice ?? "")
        let others = error.suggestions.prefix(3).filter { !said.contains($0) }.map { "'\($0)'" }
        let hint = others.isEmpty ? "" : "\(said.contains("Did you mean") ? "Or" : "Did you mean") "
        self.init(
            isOurs ? .failed : .wrongUsage,
            [
                Self.sentence(error.message), Self.sentence(error.advice ?? ""),
                hint.isEmpty ? "" : hint + others.joined(separator: " or ") + "?",
            ])
    }

    private init(_ exitCode: ExitCode, _ lines: [String]) {
        self.exitCode = exitCode
        message = lines.filter { !$0.isEmpty }.map(Terminal.visible).joined(separator: "\n  ")
    }

    private static func sentence(_ text: String) -> String {
        text.isEmpty || [".", "!", "?"].contains(text.last) ? text : text + "."
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

    init(_ error: WorkspaceError) {
        switch error.code {
        case .invalidEmail: self = .wrongUsage
        case .otherSite: self = .refused
        default: self = .failed
        }
    }

    init(_ error: JiraError) {
        self = error.concernsAccess ? .refused : error.concernsReachability ? .unreachable : .failed
    }
}
