import IssueModel
import Store

typealias Issue = IssueModel.Issue
typealias Comment = IssueModel.Comment
typealias Attachment = IssueModel.Attachment
/// The simulated site has an `IssueRow` of its own.
typealias StoredRow = IssueRow
