import IssueDecoding
import IssueModel

// Swift Testing has types of these names too; here they mean Jira's.
typealias Issue = IssueModel.Issue
typealias Comment = IssueModel.Comment
typealias Attachment = IssueModel.Attachment

extension IssueDecoder {
    static func test(_ flavour: Flavour = .cloud, _ fields: [Field] = []) -> IssueDecoder {
        IssueDecoder(fields: FieldCatalogue(fields), flavour: flavour)
    }
}
