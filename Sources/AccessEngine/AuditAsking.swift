import AccessControl
import Database
import IssueDecoding
import IssueModel
import JiraClient
import Store
import Workspace

/// Whom Jira answers about, and how.
enum AuditAsker: Sendable {
    /// Any account, by the source's own credential.
    case administrator(JiraClient)
    /// The members whose own credentials signed in.
    case members([AccountID: JiraClient])

    func canAsk(_ account: AccountID) -> Bool {
        switch self {
        case .administrator: true
        case .members(let clients): clients[account] != nil
        }
    }

    /// Which of at most 1,000 issues Jira shows an account.
    func visible(_ issues: [IssueID], to account: AccountID) async throws(JiraError) -> Set<IssueID> {
        switch self {
        case .administrator(let client):
            return try await client.permissionCheck(account: account, issues: issues)
        case .members(let clients):
            guard let client = clients[account] else { throw JiraError(.unsupported) }
            return try await client.visibleIssues(issues)
        }
    }
}

extension AuditRun {
    /// Chooses how to ask, and signs members in with their own credentials.
    func asker() async throws -> AuditAsker {
        try await signMembersIn()
        guard audit.client.flavour == .cloud, source.accessMode == .mirror else { return members() }
        do throws(JiraError) {
            // An ignored credential would let Jira answer as it answers strangers.
            _ = try await audit.client.myself()
        } catch {
            try note(error, nil)
            return .members([:])
        }
        return .administrator(audit.client)
    }

    /// The members who can be asked; where there is none, that is said.
    func members() -> AuditAsker {
        if personalClients.isEmpty, summary.unchecked.isEmpty {
            notChecked(
                "nothing_to_ask_with",
                "Jira answers here only with members' own credentials, and no member has given one. "
                    + "`drawbridge member link` takes one.")
        }
        return .members(personalClients)
    }

    private func signMembersIn() async throws {
        guard let personal = audit.personal else { return }
        let (source, began) = (source, began)
        let records = try await store.read { try PersonalCredentials.all(source: source.id, in: $0) }
        // Others each time, where there are more than a run may use.
        let chosen = records.sorted { left, right in
            let places = [left, right].map { record in
                AuditWalk.mix(AuditWalk.hash(record.account.rawValue) ^ UInt64(bitPattern: began.rawValue))
            }
            return places[0] < places[1]
        }.prefix(audit.limits.members)
        for record in chosen {
            do {
                personalClients[record.account] = try await personal.signIn(record, to: source)
            } catch {
                let problem = try ListingRefresh.problem(error, account: record.account)
                notChecked(problem.code, problem.message, account: record.account)
            }
        }
    }

    /// Notes that a question was not answered.
    ///
    /// - Returns: Whether others may still be.
    /// - Throws: The error itself, where it is the end of the run.
    @discardableResult
    func note(_ error: JiraError, _ account: AccountID?) throws -> Bool {
        guard error.code != .cancelled else { throw error }
        let concernsAccount = [.badRequest, .notFound].contains(error.code)
        notChecked(error.code.rawValue, error.description, account: concernsAccount ? account : nil)
        return concernsAccount
    }
}
