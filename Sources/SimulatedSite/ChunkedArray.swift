/// An array in pieces, so that changing one element while somebody holds an old copy copies a piece, not everything.
package struct ChunkedArray<Element: Sendable>: Sendable {
    private static var chunkSize: Int { 1_024 }
    private var chunks: [[Element]] = []
    package private(set) var count = 0

    package mutating func append(_ element: Element) {
        if count % Self.chunkSize == 0 {
            chunks.append([])
            chunks[chunks.count - 1].reserveCapacity(Self.chunkSize)
        }
        chunks[chunks.count - 1].append(element)
        count += 1
    }

    package subscript(_ position: Int) -> Element {
        @inline(__always) get { chunks[position >> 10][position & 1_023] }
        set { chunks[position >> 10][position & 1_023] = newValue }
    }
}
