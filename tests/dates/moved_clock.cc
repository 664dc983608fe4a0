// A library to preload: the time of day of a process and its children, moved by GATEHOUSE_CLOCK_OFFSET_SECONDS; the
// steady clocks stay. Waits that name a moment by the time of day last as long as before, also those that absl makes by
// futex, which Debian's libfaketime leaves waiting for years (docs/decisions/0019-tests-under-thirty-dates.md).
#include <dlfcn.h>
#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdlib>
#include <ctime>

namespace {

time_t Offset() {
  static const time_t offset = [] {
    const char* text = std::getenv("GATEHOUSE_CLOCK_OFFSET_SECONDS");
    return text == nullptr ? time_t{0} : static_cast<time_t>(std::strtoll(text, nullptr, 10));
  }();
  return offset;
}

// With a version where an older one of the name would be found first.
template <typename Function>
Function* Next(Function* /*type*/, const char* name, const char* version = nullptr) {
  void* const found = version != nullptr ? dlvsym(RTLD_NEXT, name, version) : nullptr;
  return reinterpret_cast<Function*>(found != nullptr ? found : dlsym(RTLD_NEXT, name));
}

bool IsTimeOfDay(clockid_t clock) { return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE; }

// The moment that the system knows by another name. A condition variable does not tell by which clock it waits: what
// lies before 2001 counts since the machine started.
timespec Real(timespec moved) {
  constexpr time_t kLeastTimeOfDay = 1'000'000'000;
  if (moved.tv_sec >= kLeastTimeOfDay) moved.tv_sec -= Offset();
  return moved;
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* now) noexcept {
  static const auto next = Next(&clock_gettime, "clock_gettime");
  const int result = next(clock, now);
  if (result == 0 && IsTimeOfDay(clock)) now->tv_sec += Offset();
  return result;
}

int gettimeofday(timeval* now, void* zone) noexcept {
  static const auto next = Next(&gettimeofday, "gettimeofday");
  const int result = next(now, zone);
  if (result == 0) now->tv_sec += Offset();
  return result;
}

time_t time(time_t* out) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != nullptr) *out = now.tv_sec;
  return now.tv_sec;
}

int timespec_get(timespec* now, int base) noexcept {
  return base == TIME_UTC && clock_gettime(CLOCK_REALTIME, now) == 0 ? base : 0;
}

int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex, const timespec* until) {
  static const auto next = Next(&pthread_cond_timedwait, "pthread_cond_timedwait", "GLIBC_2.3.2");
  const timespec real = Real(*until);
  return next(condition, mutex, &real);
}

int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock, const timespec* until) {
  static const auto next = Next(&pthread_cond_clockwait, "pthread_cond_clockwait");
  const timespec real = IsTimeOfDay(clock) ? Real(*until) : *until;
  return next(condition, mutex, clock, &real);
}

int pthread_mutex_timedlock(pthread_mutex_t* mutex, const timespec* until) noexcept {
  static const auto next = Next(&pthread_mutex_timedlock, "pthread_mutex_timedlock");
  const timespec real = Real(*until);
  return next(mutex, &real);
}

int sem_timedwait(sem_t* semaphore, const timespec* until) {
  static const auto next = Next(&sem_timedwait, "sem_timedwait");
  const timespec real = Real(*until);
  return next(semaphore, &real);
}

long syscall(long number, ...) noexcept {
  static const auto next = Next(&syscall, "syscall");
  va_list list;
  va_start(list, number);
  long given[6];
  for (long& one : given) one = va_arg(list, long);
  va_end(list);
  timespec real{};
  if (number == SYS_futex && (given[1] & FUTEX_CLOCK_REALTIME) != 0 && given[3] != 0) {
    real = Real(*reinterpret_cast<const timespec*>(given[3]));
    given[3] = reinterpret_cast<long>(&real);
  }
  return next(number, given[0], given[1], given[2], given[3], given[4], given[5]);
}

}  // extern "C"
