#include "libs/sql/postgresql_wire.h"

#include <bit>
#include <charconv>
#include <cstring>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace gatehouse::sql {
namespace {

// From the server's catalogue pg_type; fixed for ever.
constexpr Oid kBool = 16;
constexpr Oid kBytea = 17;
constexpr Oid kChar = 18;
constexpr Oid kName = 19;
constexpr Oid kInt8 = 20;
constexpr Oid kInt2 = 21;
constexpr Oid kInt4 = 23;
constexpr Oid kText = 25;
constexpr Oid kFloat4 = 700;
constexpr Oid kFloat8 = 701;
constexpr Oid kUnknown = 705;
constexpr Oid kVarchar = 1043;
constexpr Oid kNumeric = 1700;
constexpr Oid kVoid = 2278;
constexpr Oid kInferred = 0;

template <typename T>
T ReadBigEndian(const char* bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < sizeof(T); ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return static_cast<T>(value);
}

std::array<char, 8> BigEndian(uint64_t value) {
  std::array<char, 8> bytes;
  for (size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>(value >> (56 - 8 * i));
  return bytes;
}

// numeric on the wire: counts and base-10000 digits, the first of weight 10000^weight. SUM and AVG answer it. Integers
// in range come out as integers, all else as doubles, which is what SQLite does.
Value DecodeNumeric(std::string_view bytes) {
  constexpr size_t kHeader_bytes = 8;
  constexpr uint16_t kNegative = 0x4000;
  constexpr uint16_t kNotANumber = 0xC000;
  if (bytes.size() < kHeader_bytes) return std::monostate();
  const int digits = ReadBigEndian<int16_t>(bytes.data());
  const int weight = ReadBigEndian<int16_t>(bytes.data() + 2);
  const auto sign = ReadBigEndian<uint16_t>(bytes.data() + 4);
  const int scale = ReadBigEndian<int16_t>(bytes.data() + 6);
  if (sign == kNotANumber || bytes.size() < kHeader_bytes + 2 * static_cast<size_t>(digits)) return std::monostate();
  std::string text = sign == kNegative ? "-0" : "0";
  for (int i = 0; i <= weight || i < digits; ++i) {
    if (i == weight + 1) text.push_back('.');
    const int digit =
        i < digits ? ReadBigEndian<int16_t>(bytes.data() + kHeader_bytes + 2 * static_cast<size_t>(i)) : 0;
    absl::StrAppendFormat(&text, "%04d", digit);
  }
  if (weight < 0) {
    text = absl::StrCat(sign == kNegative ? "-0." : "0.", std::string(4 * static_cast<size_t>(-weight - 1), '0'),
                        text.substr(sign == kNegative ? 2 : 1));
  }
  if (scale == 0) {
    int64_t integer = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), integer);
    if (error == std::errc() && end == text.data() + text.size()) return integer;
  }
  return std::strtod(text.c_str(), nullptr);
}

absl::StatusOr<Value> DecodeValue(const PGresult* result, int row, int column) {
  if (PQgetisnull(result, row, column) != 0) return std::monostate();
  const char* bytes = PQgetvalue(result, row, column);
  const auto size = static_cast<size_t>(PQgetlength(result, row, column));
  switch (PQftype(result, column)) {
    case kInt8:
      return ReadBigEndian<int64_t>(bytes);
    case kInt4:
      return int64_t{ReadBigEndian<int32_t>(bytes)};
    case kInt2:
      return int64_t{ReadBigEndian<int16_t>(bytes)};
    case kBool:
      return int64_t{bytes[0]};
    case kFloat8:
      return std::bit_cast<double>(ReadBigEndian<uint64_t>(bytes));
    case kFloat4:
      return double{std::bit_cast<float>(ReadBigEndian<uint32_t>(bytes))};
    case kNumeric:
      return DecodeNumeric({bytes, size});
    case kText:
    case kVarchar:
    case kName:
    case kChar:
    case kUnknown:
      return std::string(bytes, size);
    case kBytea:
      return Blob{std::string(bytes, size)};
    case kVoid:
      return std::monostate();
    default:
      return absl::InternalError(absl::StrCat("column ", PQfname(result, column), " is of a type outside sql.h (oid ",
                                              PQftype(result, column), ")"));
  }
}

struct CopyField {
  std::string& out;
  void operator()(std::monostate) const { out += "\\N"; }
  void operator()(int64_t value) const { absl::StrAppend(&out, value); }
  void operator()(double value) const { absl::StrAppendFormat(&out, "%.17g", value); }
  void operator()(const Blob& blob) const { (*this)(BlobView{blob.bytes}); }
  void operator()(const BlobView& blob) const {
    absl::StrAppend(&out, "\\\\x", absl::BytesToHexString(std::string(blob.bytes)));
  }
  void operator()(const std::string& text) const {
    for (const char c : text) {
      switch (c) {
        case '\\':
          out += "\\\\";
          break;
        case '\t':
          out += "\\t";
          break;
        case '\n':
          out += "\\n";
          break;
        case '\r':
          out += "\\r";
          break;
        default:
          out.push_back(c);
      }
    }
  }
};

absl::StatusCode CodeOf(std::string_view state) {
  const std::string_view kind = state.substr(0, 2);
  if (state == "23505") return absl::StatusCode::kAlreadyExists;
  if (kind == "23") return absl::StatusCode::kFailedPrecondition;
  if (kind == "40") return absl::StatusCode::kAborted;
  if (state == "57014") return absl::StatusCode::kDeadlineExceeded;
  if (kind == "08" || kind == "57" || state == "55P03" || state == "53300") return absl::StatusCode::kUnavailable;
  if (kind == "53") return absl::StatusCode::kResourceExhausted;
  if (kind == "22" || kind == "54") return absl::StatusCode::kInvalidArgument;
  if (state == "XX001" || state == "XX002") return absl::StatusCode::kDataLoss;
  return absl::StatusCode::kInternal;
}

}  // namespace

WireParams::WireParams(const Params& params) {
  numbers_.reserve(params.size());  // so that pointers into it stay
  for (const Value& value : params) {
    if (const auto* integer = std::get_if<int64_t>(&value)) {
      numbers_.push_back(BigEndian(static_cast<uint64_t>(*integer)));
      Add(kInt8, numbers_.back().data(), 8);
    } else if (const auto* real = std::get_if<double>(&value)) {
      numbers_.push_back(BigEndian(std::bit_cast<uint64_t>(*real)));
      Add(kFloat8, numbers_.back().data(), 8);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
      Add(kText, text->data(), text->size());
    } else if (const auto* blob = std::get_if<Blob>(&value)) {
      Add(kBytea, blob->bytes.data(), blob->bytes.size());
    } else if (const auto* view = std::get_if<BlobView>(&value)) {
      Add(kBytea, view->bytes.empty() ? "" : view->bytes.data(), view->bytes.size());
    } else {
      Add(kInferred, nullptr, 0);
    }
  }
}

void WireParams::Add(Oid type, const char* bytes, size_t size) {
  types_.push_back(type);
  values_.push_back(bytes);
  lengths_.push_back(static_cast<int>(size));
  formats_.push_back(1);
}

std::string WireParams::signature() const {
  std::string letters;
  for (const Oid type : types_) {
    letters.push_back(type == kInt8 ? 'i' : type == kFloat8 ? 'd' : type == kText ? 't' : type == kBytea ? 'b' : 'n');
  }
  return letters;
}

absl::StatusOr<std::vector<Row>> DecodeRows(const PGresult* result) {
  const int count = PQntuples(result);
  if (count > kMaxRows) return absl::ResourceExhaustedError("the result has too many rows");
  std::vector<Row> rows;
  rows.reserve(static_cast<size_t>(count));
  for (int row = 0; row < count; ++row) {
    std::vector<Value> values;
    values.reserve(static_cast<size_t>(PQnfields(result)));
    for (int column = 0; column < PQnfields(result); ++column) {
      auto value = DecodeValue(result, row, column);
      if (!value.ok()) return value.status();
      values.push_back(std::move(value).value());
    }
    rows.emplace_back(std::move(values));
  }
  return rows;
}

void AppendCopyLine(const Params& row, std::string& out) {
  for (size_t i = 0; i < row.size(); ++i) {
    if (i > 0) out.push_back('\t');
    std::visit(CopyField{out}, row[i]);
  }
  out.push_back('\n');
}

absl::Status StatusOfResult(const PGresult* result) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  if (state == nullptr) return absl::UnavailableError("postgresql: connection lost");
  // The primary message of a data exception (class 22) may quote the value; those of constraints and syntax do not.
  const char* message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  const bool quotes_values = std::strncmp(state, "22", 2) == 0 || message == nullptr;
  return absl::Status(CodeOf(state),
                      absl::StrCat("postgresql: ", quotes_values ? "data exception" : message, " (", state, ")"));
}

}  // namespace gatehouse::sql
