import Synchronization

/// Rendered issues and change histories, kept until the site changes or memory runs out.
///
/// When full it keeps what it has: a listing of all issues would flush a cache that forgets the oldest first, always
/// before the entry is wanted again.
package final class IssueCache: Sendable {
    package struct Key: Hashable {
        var ordinal: Int32
        var profile: Int32

        package init(ordinal: Int32, profile: Int32) {
            (self.ordinal, self.profile) = (ordinal, profile)
        }
    }

    private struct Contents {
        var version = -1
        var issues: [Key: RenderedIssue] = [:]
        var changes: [Key: [UInt8]] = [:]
        var size = 0
    }

    private final class Shard: Sendable {
        let contents = Mutex(Contents())
    }

    private let shards = (0..<16).map { _ in Shard() }
    private let shardLimit: Int

    package init(limit: Int) {
        shardLimit = limit / 16
    }

    package func issue(_ key: Key, version: Int) -> RenderedIssue? {
        read(key, version) { $0.issues[key] }
    }

    package func changes(_ key: Key, version: Int) -> [UInt8]? {
        read(key, version) { $0.changes[key] }
    }

    package func keep(_ issue: RenderedIssue, _ key: Key, version: Int) {
        write(key, version, size: issue.size) { $0.issues[key] = issue }
    }

    package func keep(changes: [UInt8], _ key: Key, version: Int) {
        write(key, version, size: changes.count + 100) { $0.changes[key] = changes }
    }

    private func read<Value: Sendable>(_ key: Key, _ version: Int, _ body: (borrowing Contents) -> Value?) -> Value? {
        shards[Int(key.ordinal) & 15].contents.withLock { $0.version == version ? body($0) : nil }
    }

    private func write(_ key: Key, _ version: Int, size: Int, _ body: (inout Contents) -> Void) {
        shards[Int(key.ordinal) & 15].contents.withLock { contents in
            if contents.version != version {
                guard version > contents.version else { return }
                contents = Contents(version: version)
            }
            guard contents.size + size <= shardLimit else { return }
            contents.size += size
            body(&contents)
        }
    }
}
