import Cryptography
import Database
import Foundation
import IssueModel
import SearchIndex
import Secrets
import Store
import Testing
import WebAPI

@Suite("Another key") struct KeyRotationTests {
    /// An installation with a secret in every sealed column.
    struct Scene {
        let folder: TemporaryFolder
        let store: Store
        let data: String

        init() async throws {
            folder = try TemporaryFolder()
            data = folder.path + "/data"
            store = try await Self.open(data)
            let key = try store.secretKey()
            try await store.write { context in
                try Secrets.check(key, at: context.now, in: context.connection)
                try context.connection.executeScript(Self.rows)
                for column in Installation.sealed {
                    for row in try Self.rows(column, in: context.connection) {
                        try Self.set(
                            column, row, key.seal(Self.secret(column, row), context: column.context(row)),
                            in: context.connection)
                    }
                }
            }
        }

        static func open(_ data: String, key: SecretKey? = nil) async throws -> Store {
            var options = Database.Options()
            options.onOpen = { try SearchIndex.register(on: $0) }
            return try await Store(
                folder: DataFolder(path: data, for: .writing, key: key), options: options,
                migrations: Installation.migrations)
        }

        static func secret(_ column: SealedColumn, _ row: [String]) -> [UInt8] {
            Array("\(column.table) \(row)".utf8)
        }

        static func rows(_ column: SealedColumn, in connection: Connection) throws -> [[String]] {
            let identity = column.identity.map { "CAST(\($0) AS TEXT)" }.joined(separator: ", ")
            return try connection.rows("SELECT \(identity) FROM \(column.table)") { row in
                column.identity.indices.map { row.text($0) }
            }
        }

        static func set(
            _ column: SealedColumn, _ row: [String], _ value: [UInt8], in connection: Connection
        ) throws {
            let condition = zip(column.identity, row).map { "\($0) = '\($1)'" }.joined(separator: " AND ")
            try connection.execute("UPDATE \(column.table) SET \(column.column) = ? WHERE \(condition)", value)
        }

        /// How many secrets of how many open.
        func opened(with key: SecretKey, in store: Store) async throws -> (opened: Int, all: Int) {
            try await store.read { connection in
                var (opened, all) = (0, 0)
                for column in Installation.sealed {
                    for row in try Self.rows(column, in: connection) {
                        let condition = zip(column.identity, row).map { "\($0) = '\($1)'" }.joined(separator: " AND ")
                        let sealed = try connection.first(
                            "SELECT \(column.column) FROM \(column.table) WHERE \(condition)"
                        ) { $0.blob(0) }
                        all += 1
                        let secret = try? key.open(sealed ?? [], context: column.context(row))
                        opened += secret == Self.secret(column, row) ? 1 : 0
                    }
                }
                return (opened, all)
            }
        }

        var rotation: KeyRotation { KeyRotation(store: store, folder: data, columns: Installation.sealed) }

        private static let rows = """
            INSERT INTO source (id, name, url, api_url, product, access_mode, credential_kind, credential, created)
            VALUES (1, 'a', 'u', 'u', 'cloud', 'mirror', 'api_token', x'', 1),
                (2, 'b', 'u', 'u', 'cloud', 'mirror', 'oauth', x'', 1);
            INSERT INTO member (id, email, name, role, email_verified, state, added)
            VALUES (1, 'a@b.example', 'A', 'owner', 1, 'active', 1), (2, 'c@b.example', 'C', 'member', 1, 'active', 1);
            INSERT INTO personal_credential VALUES (1, 1, 'acc:1', 'api_token', 'u', x'', 1), (2, 1, 'é', 'oauth', 'u', x'', 1);
            INSERT INTO webhook (source_id, kind, url, path_hash, secret, authentication, state, created)
            VALUES (1, 'admin', 'u', x'00', x'', 'none', 'active', 1), (2, 'app', 'u', x'01', x'', 'none', 'active', 1);
            INSERT INTO second_factor (member_id, secret) VALUES (1, x''), (2, x'');
            INSERT INTO kept_answer (member_id, key, fingerprint, at, body) VALUES (1, 'k/1', x'', 1, x''), (2, 'k', x'', 1, x'');
            INSERT INTO subscription (id, member_id, name, url, secret, state, created, position)
            VALUES (1, 1, 'n', 'u', x'', 'active', 1, x'');
            INSERT INTO oauth_app (id, client_id, secret, stored) VALUES (1, 'client', x'', 1);
            INSERT INTO oauth_grant (id, app_id, member_id, scopes, sites, tokens, granted, renewed)
            VALUES (1, 1, NULL, '', '[]', x'', 1, 1), (2, 1, 1, '', '[]', x'', 1, 1);
            """
    }

    /// Columns of bytes that are no secrets: hashes, packed lists, texts, positions.
    static let plain: Set<String> = [
        "audit_event.hash", "session.secret_hash", "api_token.secret_hash", "recovery_code.hash",
        "one_use_link.secret_hash", "sign_in_throttle.subject", "webhook.path_hash", "listing.issues",
        "kept_answer.fingerprint", "subscription.position", "delivery.position",
    ]

    @Test("every column of bytes is known to be sealed or not to be")
    func everySealedColumnIsKnown() async throws {
        let scene = try await Scene()
        let columns = try await scene.store.read { connection in
            try connection.rows(
                """
                SELECT m.name || '.' || c.name FROM sqlite_master m, pragma_table_info(m.name) c
                WHERE m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%' AND m.name NOT LIKE 'search%'
                    AND m.name NOT LIKE 'sqlite%' AND upper(c.type) = 'BLOB'
                """
            ) { $0.text(0) }
        }
        let sealed = Set(Installation.sealed.map { "\($0.table).\($0.column)" })
        #expect(sealed.isSubset(of: columns), "\(sealed.subtracting(columns)) are in no table")
        let unknown = Set(columns).subtracting(sealed).subtracting(Self.plain).subtracting(Self.content)
        #expect(unknown.isEmpty, "say in Installation.sealed or here whether \(unknown.sorted()) are secrets")
    }

    /// What was read from Jira, packed.
    static let content: Set<String> = [
        "grave.body", "quarantine.raw", "catalogue.raw", "dictionary.bytes", "project.raw", "acl.key", "acl.browse",
        "acl.level",
        "acl.visibility", "issue_raw.body", "attachment_text.text",
    ]

    @Test("every secret is sealed anew, and the new key takes the old one's place")
    func renews() async throws {
        let scene = try await Scene()
        let old = try scene.store.secretKey()
        let before = try await scene.opened(with: old, in: scene.store)
        #expect(before == (14, 14))
        let report = try await scene.rotation.renewFile()
        #expect(report.total == 14)
        let new = try scene.store.secretKey()
        #expect(new != old)
        #expect(report.mark == Secrets.mark(of: new))
        #expect(try await scene.opened(with: new, in: scene.store) == (14, 14))
        #expect(try await scene.opened(with: old, in: scene.store) == (0, 14))
        let mode = try FileManager.default.attributesOfItem(atPath: scene.data + "/secret.key")[.posixPermissions]
        #expect(mode as? Int == 0o600)
        #expect(!FileManager.default.fileExists(atPath: scene.data + "/secret.key.next"))
        try await scene.store.write { try Secrets.check(new, at: $0.now, in: $0.connection) }
        await #expect(throws: SecretsError.self) {
            try await scene.store.write { try Secrets.check(old, at: $0.now, in: $0.connection) }
        }
    }

    @Test("one secret that does not open keeps everything as it was")
    func damaged() async throws {
        let scene = try await Scene()
        let old = try scene.store.secretKey()
        try await scene.store.write { try $0.connection.execute("UPDATE oauth_app SET secret = x'0102'") }
        await #expect(throws: SecretsError.self) { try await scene.rotation.renewFile() }
        #expect(try scene.store.secretKey() == old)
        #expect(try await scene.opened(with: old, in: scene.store) == (13, 14))
        #expect(!FileManager.default.fileExists(atPath: scene.data + "/secret.key.next"))
    }

    @Test("a renewal that was killed is finished or forgotten by the next start", arguments: [true, false])
    func interrupted(_ wasSealed: Bool) async throws {
        let scene = try await Scene()
        let (old, new) = (try scene.store.secretKey(), try SecretKey())
        let next = scene.data + "/secret.key.next"
        // Killed after the new file and before or after the transaction.
        if wasSealed { _ = try await scene.rotation.move(to: new) }
        try Data(new.withBytes { $0 }).write(to: URL(fileURLWithPath: next))
        #expect(try await KeyRotation.settle(folder: scene.data, store: scene.store))
        let key = try scene.store.secretKey()
        #expect(key == (wasSealed ? new : old))
        #expect(try await scene.opened(with: key, in: scene.store) == (14, 14))
        #expect(!FileManager.default.fileExists(atPath: next))
        #expect(try await !KeyRotation.settle(folder: scene.data, store: scene.store))
    }

    @Test("a half-written new key is forgotten")
    func halfWritten() async throws {
        let scene = try await Scene()
        let old = try scene.store.secretKey()
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: scene.data + "/secret.key.next"))
        #expect(try await KeyRotation.settle(folder: scene.data, store: scene.store))
        #expect(try scene.store.secretKey() == old)
    }

    @Test("secrets move to a key kept elsewhere, and the folder's own file is then not read")
    func elsewhere() async throws {
        let scene = try await Scene()
        let given = try SecretKey()
        _ = try await scene.rotation.move(to: given)
        await scene.store.close()
        let other = try TemporaryFolder()
        try FileManager.default.copyItem(
            atPath: scene.data + "/drawbridge.sqlite", toPath: other.path + "/drawbridge.sqlite")
        let store = try await Scene.open(other.path, key: given)
        #expect(try store.secretKey() == given)
        #expect(try await scene.opened(with: given, in: store) == (14, 14))
        #expect(!FileManager.default.fileExists(atPath: other.path + "/secret.key"))
        await store.close()
    }
}
