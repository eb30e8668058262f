import IssueModel
import JiraClient
import Store
import Synchronization

/// The clients of the sources that were used last, so that a run that finds nothing new need not sign in first.
///
/// A client is given again as long as its source has the same address and credential, for an hour at most.
final class ClientPool: Sendable {
    private struct Entry {
        var client: JiraClient
        var url: String
        var credential: Credential
        /// By the clock that never jumps.
        var made: Duration
    }

    private let entries = Mutex<[Int64: Entry]>([:])
    /// From one look at who we are to the next.
    private static let lifetime = Duration.seconds(3_600)

    func client(of source: Source, _ credential: Credential, at now: Duration) -> JiraClient? {
        entries.withLock { entries in
            guard let entry = entries[source.id], entry.url == source.url, entry.credential == credential,
                now - entry.made < Self.lifetime, now >= entry.made
            else { return nil }
            return entry.client
        }
    }

    func keep(_ client: JiraClient, of source: Source, _ credential: Credential, at now: Duration) {
        entries.withLock {
            $0[source.id] = Entry(client: client, url: source.url, credential: credential, made: now)
        }
    }

    func forget(_ source: Int64) {
        entries.withLock { $0[source] = nil }
    }

    /// The client used last, whatever its age.
    func latest(of source: Int64) -> JiraClient? {
        entries.withLock { $0[source]?.client }
    }
}
