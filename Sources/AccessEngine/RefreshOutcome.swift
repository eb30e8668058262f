import IssueModel
public import JiraClient

/// What asking Jira for something came to, told apart by what it means for access.
enum ReadOutcome<Value: Sendable>: Sendable {
    case read(Value)
    /// Jira does not give it to this credential: from now on it grants nobody.
    case refused(String)
    /// It does not exist (any more).
    case missing(String)
    /// Jira did not answer, or not with what it documents: what is known holds until its lease ends.
    case failed(String)

    var value: Value? {
        if case .read(let value) = self { value } else { nil }
    }

    /// Goes on with what was read; any other outcome stays what it is.
    func flatMap<Other: Sendable>(
        _ next: (Value) async throws -> ReadOutcome<Other>
    ) async rethrows -> ReadOutcome<Other> {
        switch self {
        case .read(let value): try await next(value)
        case .refused(let text): .refused(text)
        case .missing(let text): .missing(text)
        case .failed(let text): .failed(text)
        }
    }
}

/// The credential itself is refused, so that nothing of the source is known to hold any more.
struct CredentialRefusal: Error {
    var error: JiraError
}

extension JiraError {
    /// Whether Jira no longer knows who asks, rather than keeping one thing from them.
    public var refusesCredential: Bool {
        [.credentialRefused, .credentialIgnored, .captchaRequired].contains(code)
    }

    /// Whether Jira keeps this from the account for good: asking again would not help.
    fileprivate var refusesThis: Bool {
        [.permissionMissing, .scopeMissing, .unsupported, .gone].contains(code)
    }
}

/// Asks Jira, and says what a failure means.
struct AccessReader: Sendable {
    let client: JiraClient
    /// A source read anonymously: what needs an account is answered with 401 there.
    let isAnonymous: Bool

    /// - Throws: ``CredentialRefusal`` where the credential is refused altogether, and `CancellationError`.
    func read<Value: Sendable>(
        _ body: () async throws(JiraError) -> Value
    ) async throws -> ReadOutcome<Value> {
        do throws(JiraError) {
            return .read(try await body())
        } catch {
            if error.code == .cancelled { throw CancellationError() }
            if error.refusesCredential { return try await judge(error) }
            if error.refusesThis { return .refused(error.description) }
            if error.code == .notFound || error.code == .projectMissing { return .missing(error.description) }
            return .failed(error.description)
        }
    }

    /// Jira says 401 also for a single thing that the account or its token may not have: whether it still knows the
    /// account tells the two apart.
    private func judge<Value>(_ error: JiraError) async throws -> ReadOutcome<Value> {
        if isAnonymous { return .refused(error.description) }
        do throws(JiraError) {
            _ = try await client.myself()
            return .refused(error.description)
        } catch let own {
            if own.code == .cancelled { throw CancellationError() }
            throw CredentialRefusal(error: own.refusesCredential ? own : error)
        }
    }
}
