import Cryptography
import Testing

@Suite("Sealed tickets") struct SealedTicketTests {
    @Test("a ticket opens until it expires, for its purpose and with its key only")
    func opens() throws {
        let key = try SecretKey()
        let ticket = try SealedTicket.seal([1, 2, 3], purpose: "test", expires: 1_000, key: key)
        #expect(try SealedTicket.open(ticket, purpose: "test", now: 999, key: key) == [1, 2, 3])
        let other = try SecretKey()
        func code(_ text: String, _ purpose: String, _ now: Int64, _ key: SecretKey) -> CryptographyError.Code? {
            do throws(CryptographyError) {
                _ = try SealedTicket.open(text, purpose: purpose, now: now, key: key)
                return nil
            } catch { return error.code }
        }
        #expect(code(ticket, "test", 1_000, key) == .expired)
        #expect(code(ticket, "other", 1, key) == .notAuthentic)
        #expect(code(ticket, "test", 1, other) == .notAuthentic)
        #expect(code(String(ticket.dropLast(4)), "test", 1, key) != nil)
        #expect(code("", "test", 1, key) == .malformed)
        #expect(code("ä", "test", 1, key) == .malformed)
        #expect(code(String(repeating: "A", count: 5_000), "test", 1, key) == .malformed)
    }

    @Test("what a browser would not keep is not sealed")
    func tooLong() throws {
        let key = try SecretKey()
        #expect {
            try SealedTicket.seal([UInt8](repeating: 0, count: 3_000), purpose: "", expires: 1, key: key)
        } throws: {
            ($0 as? CryptographyError)?.code == .malformed
        }
    }
}
