// SPDX-License-Identifier: MIT
//
// ThreadSanitizer calls our poll and recvmsg from inside its own, where it does not take note of
// atomic operations but does of plain accesses, and so would see races where our locks prevent
// them. Nothing in any other build.
#pragma once

#if defined(__SANITIZE_THREAD__)
extern "C" {
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
void AnnotateIgnoreWritesBegin(const char* file, int line);
void AnnotateIgnoreWritesEnd(const char* file, int line);
}
#endif

namespace portc {

class TsanUnseen {
 public:
#if defined(__SANITIZE_THREAD__)
  TsanUnseen() {
    AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
    AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
  }
  ~TsanUnseen() {
    AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
    AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
  }
#else
  TsanUnseen() {}
  ~TsanUnseen() {}
#endif
  TsanUnseen(const TsanUnseen&) = delete;
  TsanUnseen& operator=(const TsanUnseen&) = delete;
};

}  // namespace portc
