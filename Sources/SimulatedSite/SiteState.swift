public import SimulatedData

/// The whole site at one moment: a value, so that whoever holds one reads a consistent picture for as long as they like.
///
/// Copies share their parts; a later change to the site copies only what it touches.
public struct SiteState: Sendable {
    public let configuration: SiteConfiguration
    public package(set) var catalogue: SiteCatalogue
    /// Grows with every change.
    public package(set) var version = 0
    public package(set) var users: [User] = []
    public package(set) var groups: [Group] = []
    public package(set) var applicationRoles: [ApplicationRole] = []
    public package(set) var projects: [Project] = []
    public package(set) var permissionSchemes: [PermissionScheme] = []
    public package(set) var securitySchemes: [SecurityScheme] = []
    public package(set) var boards: [Board] = []
    public package(set) var sprints: [Sprint] = []
    /// Oldest first.
    public package(set) var auditRecords: [AuditRecord] = []
    public package(set) var deletedWorklogs: [DeletedWorklog] = []

    /// People and projects as the site was made: texts follow from them, whatever is renamed later.
    package var originalUsers: [User] = []
    package var originalProjects: [Project] = []
    /// By project, whether its first permission scheme names people through fields of the issue.
    package var namesPeople: [Bool] = []
    package var rows = ChunkedArray<IssueRow>()
    /// Issues somebody changed by hand: their full content.
    package var overlay: [Int: IssueContent] = [:]
    /// By project position, the ordinal at each key number minus one; -1 where no issue has it.
    package var numbers: [[Int32]] = []
    /// Keys an issue had before it moved.
    package var movedFrom: [Int: [FormerKey]] = [:]
    package var children: [Int: [Int32]] = [:]
    package var links: [Int: [IssueLink]] = [:]
    /// Ordinals ordered by the time of the last update, then by id.
    package var byUpdated: [Int32] = []
    /// By ordinal, the position of the corpus text; empty without a corpus.
    var corpusRows: [Int32] = []
    package var sprintsOfProject: [[Int]] = []
    package var nextPartID = 1_000_000_000
    /// When the change under way happens, for changes that name no hand.
    package var moment: Milliseconds
    /// Comments, worklogs and attachments that were added by hand: id to ordinal.
    package var addedParts: [Int: Int] = [:]

    /// What the last change told webhooks.
    public package(set) var events: [SiteEvent] = []
    /// False while a site is being made.
    var notesEvents = false

    package struct FormerKey: Sendable {
        var project: Int16
        var number: Int32
    }

    init(configuration: SiteConfiguration, catalogue: SiteCatalogue) {
        self.configuration = configuration
        self.catalogue = catalogue
        moment = configuration.now
    }
}

/// A worklog that is gone, for the feed of deleted ones.
public struct DeletedWorklog: Sendable, Hashable {
    public var id: Int
    public var deleted: Milliseconds

    package init(id: Int, deleted: Milliseconds) {
        (self.id, self.deleted) = (id, deleted)
    }
}

extension SiteState {
    /// How many issues there ever were, deleted ones included. Ordinals are below this.
    public var issueCount: Int { rows.count }

    /// The resident facts of an issue.
    public func row(_ ordinal: Int) -> IssueRow { rows[ordinal] }

    public func key(of row: IssueRow) -> String {
        "\(projects[Int(row.project)].key)-\(row.number)"
    }

    public func key(of ordinal: Int) -> String { key(of: rows[ordinal]) }

    /// The ordinal of an issue by its id; nil when there never was one.
    public func ordinal(id: Int) -> Int? {
        let ordinal = id - IssueRow.firstID
        return (0..<rows.count).contains(ordinal) ? ordinal : nil
    }

    /// The ordinal of an issue by its key, in any case, also by a key it had before.
    public func ordinal(key: String) -> Int? {
        guard let dash = key.lastIndex(of: "-"), let number = Int(key[key.index(after: dash)...]), number > 0,
            let project = project(keyOrFormer: String(key[..<dash])), number <= numbers[project.index].count
        else { return nil }
        let ordinal = numbers[project.index][number - 1]
        return ordinal < 0 ? nil : Int(ordinal)
    }

    /// The ordinal of an issue by what a path names: a key or an id.
    public func ordinal(idOrKey: String) -> Int? {
        if let id = Int(idOrKey) { return ordinal(id: id) }
        return ordinal(key: idOrKey)
    }

    /// Keys an issue had before it was moved or its project renamed.
    public func formerKeys(of ordinal: Int) -> [String] {
        let row = rows[ordinal]
        let moved = (movedFrom[ordinal] ?? []).map { "\(projects[Int($0.project)].key)-\($0.number)" }
        return moved + projects[Int(row.project)].formerKeys.map { "\($0)-\(row.number)" }
    }

    /// A project by key, in any case, present keys before former ones.
    public func project(keyOrFormer key: String) -> Project? {
        let key = key.uppercased()
        let present = projects.first { $0.key == key && !$0.isDeleted }
        return present ?? projects.first { $0.formerKeys.contains(key) && !$0.isDeleted }
    }

    /// A project by what a path names: a key or an id.
    public func project(idOrKey: String) -> Project? {
        if let id = Int(idOrKey) { return projects.first { $0.id == id && !$0.isDeleted } }
        return project(keyOrFormer: idOrKey)
    }

    public func user(accountID: String) -> User? { users.first { $0.accountID == accountID } }
    public func user(name: String) -> User? { users.first { $0.name == name } }
    public func user(key: String) -> User? { users.first { $0.key == key } }
    public func user(email: String) -> User? { users.first { $0.email == email } }
    public func role(id: Int) -> ProjectRole? { catalogue.roles.first { $0.id == id } }

    /// The groups somebody belongs to, directly or through nested groups.
    public func groups(of user: Int) -> Set<Int> {
        var found = Set(groups.filter { $0.members.contains(user) }.map(\.index))
        var isGrowing = true
        while isGrowing {
            isGrowing = false
            for group in groups where !found.contains(group.index) && !found.isDisjoint(with: group.subgroups) {
                found.insert(group.index)
                isGrowing = true
            }
        }
        return found
    }

    /// The people of a group; with `nested` also those of the groups inside it.
    public func members(of group: Int, nested: Bool) -> [Int] {
        guard nested else { return groups[group].members }
        var seen: Set<Int> = []
        var waiting = [group]
        var people: Set<Int> = []
        while let next = waiting.popLast() {
            guard seen.insert(next).inserted else { continue }
            people.formUnion(groups[next].members)
            waiting += groups[next].subgroups
        }
        return people.sorted()
    }

    /// The security level with that id.
    public func securityLevel(id: Int) -> SecurityLevel? {
        for scheme in securitySchemes {
            if let level = scheme.levels.first(where: { $0.id == id }) { return level }
        }
        return nil
    }

    /// Ordinals of issues directly under this one: an epic's issues, an issue's sub-tasks.
    public func children(of ordinal: Int) -> [Int] {
        (children[ordinal] ?? []).map(Int.init).filter { rows[$0].state != .deleted }
    }

    /// Ordinals of an issue's sub-tasks.
    package func subtasks(of ordinal: Int) -> [Int] {
        children(of: ordinal).filter { catalogue.issueTypes[Int(rows[$0].type)].isSubtask }
    }

    /// The issue a comment, worklog or attachment id belongs to; the part itself may be gone.
    public func ordinal(ofPart id: Int) -> Int? {
        if let added = addedParts[id] { return added }
        let ordinal = (id - PartID.first) / PartID.perIssue
        return id >= PartID.first && (0..<rows.count).contains(ordinal) ? ordinal : nil
    }

    /// An attachment by its id.
    public func attachment(id: Int) -> (ordinal: Int, attachment: Attachment)? {
        guard let ordinal = ordinal(ofPart: id), rows[ordinal].state != .deleted else { return nil }
        return content(of: ordinal).attachments.first { $0.id == id }.map { (ordinal, $0) }
    }

    /// The bytes of an attachment.
    public func bytes(of attachment: Attachment) -> [UInt8] { attachment.file.bytes }
}

/// How ids of comments, worklogs, attachments and changes follow from their issue.
enum PartID {
    static let first = 10_000_000
    static let perIssue = 512

    static func make(_ ordinal: Int, _ position: Int) -> Int {
        precondition(position < perIssue, "an issue has too many parts")
        return first + ordinal * perIssue + position
    }
}
