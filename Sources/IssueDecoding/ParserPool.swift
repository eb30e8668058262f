package import FastJSON
import Synchronization

/// Parsers to borrow: each keeps buffers as large as the documents it has read, so making them anew is dear.
package final class ParserPool: Sendable {
    /// Nesting that no honest answer reaches; documents deeper than that are refused.
    package static let maximumDepth = 512

    private let idle = Mutex<[Loan]>([])
    private let capacity: Int
    private let depth: Int

    /// Safe to hand between threads because a loan is in the pool or with one borrower, never both.
    private struct Loan: @unchecked Sendable {
        let parser: JSONParser
    }

    /// - Parameter depth: Documents nested deeper are refused.
    package init(capacity: Int = 8, depth: Int = ParserPool.maximumDepth) {
        self.capacity = capacity
        self.depth = depth
    }

    /// Lends a parser for one document.
    ///
    /// - Throws: ``FastJSON/JSONError`` for what is no JSON, and whatever `body` throws.
    package func parse<Result>(_ bytes: [UInt8], _ body: (JSONView) throws -> Result) throws -> Result {
        let loan = idle.withLock { $0.popLast() } ?? Loan(parser: JSONParser(maximumDepth: depth))
        defer {
            idle.withLock { if $0.count < capacity { $0.append(loan) } }
        }
        return try loan.parser.parse(bytes, body)
    }
}
