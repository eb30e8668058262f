/// Bytes that a browser carries for us and can neither read nor change: what begins a sign-in and is needed when it ends.
///
/// The text is base64url of a sealed record whose first eight bytes say until when it holds.
public enum SealedTicket {
    /// The longest text that is opened, in bytes; with a cookie's name it fits the 4,096 that browsers keep.
    public static let byteLimit = 3_800

    /// - Parameters:
    ///   - purpose: Authenticated with the bytes: a ticket for one purpose does not open for another.
    ///   - expires: Seconds since 1970, exclusive.
    /// - Throws: `malformed` where the text would be longer than ``byteLimit``.
    public static func seal(
        _ bytes: [UInt8], purpose: String, expires: Int64, key: SecretKey
    ) throws(CryptographyError) -> String {
        let stamp = (0..<8).map { UInt8(truncatingIfNeeded: expires >> (56 - 8 * Int64($0))) }
        let text = Base64URL.encode(try key.seal(stamp + bytes, context: "ticket: " + purpose))
        guard text.utf8.count <= byteLimit else {
            throw CryptographyError(.malformed, "A ticket may have \(byteLimit) bytes, this has \(text.utf8.count)")
        }
        return text
    }

    /// The bytes of a ticket that holds at `now`, in seconds since 1970.
    ///
    /// - Throws: `expired`, `malformed` or `notAuthentic`.
    public static func open(
        _ text: String, purpose: String, now: Int64, key: SecretKey
    ) throws(CryptographyError) -> [UInt8] {
        guard text.utf8.count <= byteLimit, let sealed = Base64URL.decode(text.utf8) else {
            throw CryptographyError(.malformed, "This is not a ticket")
        }
        let record = try key.open(sealed, context: "ticket: " + purpose)
        guard record.count >= 8 else { throw CryptographyError(.malformed, "This is not a ticket") }
        let expires = record.prefix(8).reduce(Int64(0)) { $0 << 8 | Int64($1) }
        guard now < expires else { throw CryptographyError(.expired, "The ticket is too old") }
        return Array(record.dropFirst(8))
    }
}
