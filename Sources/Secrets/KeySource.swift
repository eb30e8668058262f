public import Cryptography

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    read(descriptor, buffer.baseAddress, buffer.count)
}

/// Where the key that seals secrets comes from, when it is not the data folder's own file.
public enum KeySource {
    /// The name of the credential that systemd hands over: `LoadCredential=drawbridge.key:/etc/drawbridge/key`.
    public static let credentialName = "drawbridge.key"

    /// The key that the environment gives, the first of: `DRAWBRIDGE_SECRET_KEY` (the key itself), `DRAWBRIDGE_SECRET_KEY_FILE`,
    /// and the credential `drawbridge.key` in systemd's `$CREDENTIALS_DIRECTORY`.
    ///
    /// - Returns: `nil` where none of them is there: then the data folder's `secret.key` is the key.
    /// - Throws: ``SecretsError`` where one is there and is no key; never falls back to another one then.
    public static func key(_ environment: [String: String]) throws(SecretsError) -> SecretKey? {
        if let text = environment["DRAWBRIDGE_SECRET_KEY"], !text.isEmpty {
            guard let key = parse(Array(text.utf8)) else {
                throw SecretsError(
                    .keyInvalid, "DRAWBRIDGE_SECRET_KEY is not a key: 64 hexadecimal digits, or 32 bytes in base64.")
            }
            return key
        }
        if let path = environment["DRAWBRIDGE_SECRET_KEY_FILE"], !path.isEmpty { return try read(path) }
        if let folder = environment["CREDENTIALS_DIRECTORY"], !folder.isEmpty {
            let path = folder + "/" + credentialName
            if access(path, F_OK) == 0 { return try read(path) }
        }
        return nil
    }

    /// The key in a file: 32 bytes as they are, or as text.
    ///
    /// - Throws: ``SecretsError`` where the file cannot be read or holds no key.
    public static func read(_ path: String) throws(SecretsError) -> SecretKey {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw SecretsError(
                .keyUnreadable, "The key file \(path) cannot be read: \(String(cString: strerror(errno))).")
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = bytes.withUnsafeMutableBytes { systemRead(descriptor, $0) }
        guard count > 0, count < bytes.count, let key = parse(Array(bytes.prefix(count))) else {
            throw SecretsError(
                .keyInvalid, "\(path) is not a key: 32 bytes, or as text 64 hexadecimal digits or base64 of 32 bytes.")
        }
        return key
    }

    static func parse(_ bytes: [UInt8]) -> SecretKey? {
        if bytes.count == SecretKey.byteCount { return try? SecretKey(bytes: bytes) }
        let text = bytes.filter { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        if text.count == SecretKey.byteCount * 2, let key = hexadecimal(text) { return try? SecretKey(bytes: key) }
        let plain = text.filter { $0 != UInt8(ascii: "=") }.map { byte in
            byte == UInt8(ascii: "+") ? UInt8(ascii: "-") : byte == UInt8(ascii: "/") ? UInt8(ascii: "_") : byte
        }
        return Base64URL.decode(plain).flatMap { try? SecretKey(bytes: $0) }
    }

    private static func hexadecimal(_ text: [UInt8]) -> [UInt8]? {
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: text.count, by: 2) {
            guard let byte = UInt8(String(decoding: text[start..<start + 2], as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(byte)
        }
        return bytes
    }
}
