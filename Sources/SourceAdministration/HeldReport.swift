internal import FastJSON
public import Reconciliation
public import Store

/// Deletions that wait for somebody who looks, and what came of that.
public struct HeldReport: Sendable {
    public let source: Source
    public let held: HeldDeletions
    /// Issues that were removed; `nil` where nobody confirmed.
    public var removed: Int?
    public var isRejected = false

    init(source: Source, held: HeldDeletions) {
        self.source = source
        self.held = held
    }

    public var json: [UInt8] { json(withExamples: true) }

    /// - Parameter withExamples: Whether summaries of issues are told: for the operator alone, as no role shows more of Jira
    ///   than another.
    public func json(withExamples: Bool) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("source", source.name)
            json.member("waiting", held.total)
            json.member("removed", removed ?? 0)
            json.member("rejected", isRejected)
            json.key("projects")
            json.array { json in
                for share in held.projects {
                    json.object { json in
                        json.member("key", share.key)
                        json.member("name", share.name)
                        json.member("issues", share.count)
                        json.member("stored", share.stored)
                        json.member("wholeProject", share.isWhole)
                        guard withExamples else { return }
                        json.key("examples")
                        json.array { json in
                            for example in share.examples {
                                json.object { json in
                                    json.member("key", example.key)
                                    json.member("summary", example.summary)
                                }
                            }
                        }
                    }
                }
            }
        }
        return json.bytes
    }
}
