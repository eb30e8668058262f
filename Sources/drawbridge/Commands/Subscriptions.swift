import ChangeFeed
import Configuration
import Console
import Store
import SubscriptionCommands

extension Command {
    static let subscriptions = SubscriptionCommands.all { invocation, isWriting, body in
        @Sendable func run(_ session: Session) async throws -> ExitCode {
            let hosts = try await invocation.settings(in: session.store)[SettingsTable.webhookHosts]
            return try await body(session.store, WebhookTarget(hosts: Set(hosts)))
        }
        if isWriting { return try await Control.with(invocation) { try await run($0.session) } }
        return try await Session.with(invocation, for: .reading) { try await run($0) }
    }
}
