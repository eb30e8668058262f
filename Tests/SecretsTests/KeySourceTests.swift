import Cryptography
import Foundation
import Secrets
import Testing

@Suite("Where the key comes from") struct KeySourceTests {
    static let bytes = (0..<32).map { UInt8($0 * 7 % 256) }

    @Test(
        "a key is given as bytes or as text, and anything else is no key",
        arguments: [
            (Data(bytes), true), (Data(Digest.hexadecimal(bytes).utf8), true),
            (Data((Digest.hexadecimal(bytes).uppercased() + "\n").utf8), true),
            (Data(Data(bytes).base64EncodedString().utf8), true), (Data((Base64URL.encode(bytes) + "\r\n").utf8), true),
            (Data(bytes.dropLast()), false), (Data(bytes + [1]), false), (Data("password".utf8), false),
            (Data(), false),
            (Data(repeating: 65, count: 300), false),
        ] as [(Data, Bool)])
    func forms(_ data: Data, _ isKey: Bool) throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/key"
        try data.write(to: URL(fileURLWithPath: path))
        let key = try? KeySource.read(path)
        #expect((key != nil) == isKey)
        if isKey { #expect(try key == SecretKey(bytes: Self.bytes)) }
    }

    @Test("the environment's own key comes first, then a file, then systemd's credential; none of them is nothing")
    func order() throws {
        let folder = try TemporaryFolder()
        let (file, credential) = (folder.path + "/file", folder.path + "/" + KeySource.credentialName)
        let keys = try (0..<3).map { _ in try SecretKey() }
        try Data(keys[1].withBytes { $0 }).write(to: URL(fileURLWithPath: file))
        try Data(keys[2].withBytes { $0 }).write(to: URL(fileURLWithPath: credential))
        var environment = [
            "DRAWBRIDGE_SECRET_KEY": keys[0].withBytes { Digest.hexadecimal($0) }, "DRAWBRIDGE_SECRET_KEY_FILE": file,
            "CREDENTIALS_DIRECTORY": folder.path,
        ]
        #expect(try KeySource.key(environment) == keys[0])
        environment["DRAWBRIDGE_SECRET_KEY"] = ""
        #expect(try KeySource.key(environment) == keys[1])
        environment["DRAWBRIDGE_SECRET_KEY_FILE"] = nil
        #expect(try KeySource.key(environment) == keys[2])
        #expect(try KeySource.key(["CREDENTIALS_DIRECTORY": folder.path + "/other"]) == nil)
        #expect(try KeySource.key([:]) == nil)
    }

    @Test("a key that cannot be read is not replaced by another")
    func noFallback() throws {
        let folder = try TemporaryFolder()
        try Data([1]).write(to: URL(fileURLWithPath: folder.path + "/" + KeySource.credentialName))
        for environment in [
            ["DRAWBRIDGE_SECRET_KEY": "short"], ["DRAWBRIDGE_SECRET_KEY_FILE": folder.path + "/missing"],
            ["CREDENTIALS_DIRECTORY": folder.path],
        ] {
            #expect(throws: SecretsError.self) { try KeySource.key(environment) }
        }
    }

    @Test("the mark of a key tells keys apart and is not the key")
    func marks() throws {
        let key = try SecretKey(bytes: Self.bytes)
        let other = try SecretKey()
        #expect(Secrets.mark(of: key).count == 16)
        #expect(Secrets.mark(of: key) != Secrets.mark(of: other))
        #expect(!Digest.hexadecimal(Self.bytes).contains(Secrets.mark(of: key)))
    }
}

/// A folder that goes away with the test.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "drawbridge-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
