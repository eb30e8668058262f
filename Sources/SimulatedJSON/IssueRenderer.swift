package import FastJSON
import SimulatedData
package import SimulatedRules
package import SimulatedSite

/// An issue's JSON, in pieces that can be put together for any choice of fields.
package final class RenderedIssue: Sendable {
    /// `"id":"10001","self":…,"key":"PAY-1"`, without braces.
    package let head: [UInt8]
    /// `"summary":"…","description":…` and so on, without braces.
    package let fields: [UInt8]
    /// Position of each field in the catalogue and where it ends in ``fields``; after a comma the next one starts.
    let places: [Place]
    /// What must hold for a caller to see exactly this.
    package let conditions: [Condition]

    package enum Condition: Sendable, Hashable {
        case isIn(Visibility, project: Int)
        case isAgent(project: Int)
        case sees(issue: Int)
    }

    /// Small, as there is one for each field of each issue kept.
    struct Place {
        var field: UInt16
        var end: UInt32
    }

    package var size: Int { head.count + fields.count + places.count * MemoryLayout<Place>.stride + 200 }

    init(head: [UInt8], fields: [UInt8], places: [Place], conditions: [Condition]) {
        self.head = head
        self.fields = fields
        self.places = places
        self.conditions = conditions
    }

    /// Whether `viewer` sees everything in it.
    package func isComplete(for viewer: Viewer) -> Bool {
        conditions.allSatisfy { condition in
            switch condition {
            case .isIn(let visibility, let project): viewer.isIn(visibility, project: project)
            case .isAgent(let project): viewer.has("SERVICEDESK_AGENT", project: project)
            case .sees(let issue): viewer.sees(issue: issue)
            }
        }
    }

    /// Writes the issue with the fields of `selection` and nothing after them; the object is left open for more members.
    package func write(_ selection: FieldSelection, _ json: inout JSONWriter) {
        json.raw(head)
        guard selection.hasFields else { return }
        json.key("fields")
        if selection.isEverything {
            json.beginObject()
            json.raw(fields)
            json.endObject()
            return
        }
        json.beginObject()
        var start = 0
        for place in places {
            let end = Int(place.end)
            if selection.contains(Int(place.field)) { json.raw(fields[start..<end]) }
            start = end + 1
        }
        json.endObject()
    }
}

/// Renders issues as one viewer sees them; without a viewer, with everything in them.
package struct IssueRenderer {
    package let renderer: Renderer
    package let viewer: Viewer?
    package let embeddedComments: Int
    package let embeddedWorklogs: Int

    package init(renderer: Renderer, viewer: Viewer?, embeddedComments: Int, embeddedWorklogs: Int) {
        self.renderer = renderer
        self.viewer = viewer
        self.embeddedComments = embeddedComments
        self.embeddedWorklogs = embeddedWorklogs
    }

    private var state: SiteState { renderer.state }

    /// - Parameter content: The issue's content, where the caller has it already.
    package func render(_ ordinal: Int, content: IssueContent? = nil) -> RenderedIssue {
        let row = state.row(ordinal)
        var head = JSONWriter(reservingCapacity: 200)
        head.member("expand", "renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations")
        head.member("id", String(row.id))
        head.member("self", "\(renderer.api)/issue/\(row.id)")
        head.member("key", state.key(of: row))

        var writing = FieldWriting(
            renderer: renderer, viewer: viewer, ordinal: ordinal, row: row,
            content: content ?? state.content(of: ordinal),
            embeddedComments: embeddedComments, embeddedWorklogs: embeddedWorklogs)
        var fields = JSONWriter(reservingCapacity: 8_192)
        var places: [RenderedIssue.Place] = []
        places.reserveCapacity(state.catalogue.fields.count)
        for (position, definition) in state.catalogue.fields.enumerated()
        where definition.scope == nil || definition.scope == Int(row.project) {
            guard writing.write(definition, &fields) else { continue }
            places.append(RenderedIssue.Place(field: UInt16(position), end: UInt32(fields.bytes.count)))
        }
        return RenderedIssue(
            head: Self.trimmed(head.bytes), fields: Self.trimmed(fields.bytes), places: places,
            conditions: Array(writing.conditions))
    }

    /// A copy without room to grow: rendered issues are kept by the hundred thousand.
    private static func trimmed(_ bytes: [UInt8]) -> [UInt8] {
        bytes.withUnsafeBufferPointer { Array($0) }
    }
}
