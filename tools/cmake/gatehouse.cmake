# The build vocabulary of Gatehouse. Every source is listed by hand; gatehouse_finish() fails on one that is not.
#
#   gatehouse_library(NAME SOURCES a.cc a.h [DEPS public...] [PRIVATE_DEPS ...] [DOMAIN] [NETWORKED])
#     A static library and the alias gatehouse::NAME. DOMAIN puts the archive under the `nm` check of tools/lint:
#     it may hold no gRPC, protobuf, SQL or Kafka symbol. NETWORKED needs gRPC or a database, so it is left out of
#     the sanitizer build (generated gRPC code costs four times as much there).
#   gatehouse_binary(NAME SOURCES ... DEPS ...)
#   gatehouse_test(NAME SOURCES ... DEPS ... [KIND unit|conformance|story] [NETWORKED])   one test binary a library
#   gatehouse_benchmark(NAME SOURCES ... DEPS ... [NETWORKED])
#   gatehouse_fuzz(NAME SOURCES ... DEPS ... [SEEDS dir])           built in the sanitizer build only
#   gatehouse_proto(NAME FILES a.proto ... [SERVICES a_service.proto ...] [DEPS other protos])
#     gatehouse::proto_NAME (messages) and, with SERVICES, gatehouse::grpc_NAME (stubs).

set(GATEHOUSE_WARNINGS -Wall -Wextra -Werror -Wshadow=local -Wnon-virtual-dtor -Wno-missing-field-initializers)
# GCC 12 sees an overlap in std::string = "literal" that is not there (GCC bug 105651).
list(APPEND GATEHOUSE_WARNINGS -Wno-restrict)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  set(GATEHOUSE_WARNINGS -Wall -Wextra -Werror -Wnon-virtual-dtor -Wno-missing-field-initializers)
endif()

find_program(GATEHOUSE_CCACHE ccache)
if(GATEHOUSE_CCACHE)
  set(launcher ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros ${GATEHOUSE_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()
find_program(GATEHOUSE_MOLD mold)
if(GATEHOUSE_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# The allocator of what runs and is measured. Sanitizers bring their own, and tests keep glibc's, whose checks they like.
find_library(GATEHOUSE_JEMALLOC jemalloc REQUIRED)

if(GATEHOUSE_SANITIZE)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "GATEHOUSE_SANITIZE needs clang: use the asan or the tsan preset")
  endif()
  if(GATEHOUSE_SANITIZE STREQUAL "thread")
    add_compile_options(-O1 -g -fno-omit-frame-pointer -fsanitize=thread)
    add_link_options(-fsanitize=thread)
  else()
    add_compile_options(-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
                        -fsanitize=fuzzer-no-link)
    add_link_options(-fsanitize=address,undefined)
  endif()
endif()

define_property(GLOBAL PROPERTY GATEHOUSE_SOURCES BRIEF_DOCS "listed sources" FULL_DOCS "every source of a target")
define_property(GLOBAL PROPERTY GATEHOUSE_DOMAIN BRIEF_DOCS "domain archives" FULL_DOCS "archives under the nm check")
define_property(GLOBAL PROPERTY GATEHOUSE_TESTS BRIEF_DOCS "test binaries" FULL_DOCS "kind|name|path, one a line")
define_property(GLOBAL PROPERTY GATEHOUSE_FUZZERS BRIEF_DOCS "fuzz binaries" FULL_DOCS "name|path|seeds, one a line")

function(_gatehouse_remember)
  foreach(source ${ARGN})
    get_filename_component(path ${source} ABSOLUTE BASE_DIR ${CMAKE_CURRENT_SOURCE_DIR})
    set_property(GLOBAL APPEND PROPERTY GATEHOUSE_SOURCES ${path})
  endforeach()
endfunction()

function(_gatehouse_own_code target)
  target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR})
  target_compile_options(${target} PRIVATE ${GATEHOUSE_WARNINGS})
endfunction()

function(gatehouse_library name)
  cmake_parse_arguments(arg "DOMAIN;NETWORKED" "" "SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
  _gatehouse_remember(${arg_SOURCES})
  if(arg_NETWORKED AND GATEHOUSE_SANITIZE)
    return()
  endif()
  set(units ${arg_SOURCES})
  list(FILTER units INCLUDE REGEX "\\.cc$")
  if(units)
    add_library(gatehouse_${name} STATIC ${arg_SOURCES})
    _gatehouse_own_code(gatehouse_${name})
    target_link_libraries(gatehouse_${name} PUBLIC ${arg_DEPS} PRIVATE ${arg_PRIVATE_DEPS})
  else()
    add_library(gatehouse_${name} INTERFACE)
    target_include_directories(gatehouse_${name} INTERFACE ${CMAKE_SOURCE_DIR})
    target_link_libraries(gatehouse_${name} INTERFACE ${arg_DEPS})
  endif()
  add_library(gatehouse::${name} ALIAS gatehouse_${name})
  if(arg_DOMAIN AND units)
    set_property(GLOBAL APPEND PROPERTY GATEHOUSE_DOMAIN "$<TARGET_FILE:gatehouse_${name}>")
  endif()
endfunction()

function(gatehouse_binary name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS" ${ARGN})
  _gatehouse_remember(${arg_SOURCES})
  if(GATEHOUSE_SANITIZE)
    return()
  endif()
  add_executable(${name} ${arg_SOURCES})
  _gatehouse_own_code(${name})
  target_link_libraries(${name} PRIVATE ${arg_DEPS} ${GATEHOUSE_JEMALLOC})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endfunction()

function(gatehouse_test name)
  cmake_parse_arguments(arg "NETWORKED" "KIND" "SOURCES;DEPS" ${ARGN})
  _gatehouse_remember(${arg_SOURCES})
  if(arg_NETWORKED AND GATEHOUSE_SANITIZE)
    return()
  endif()
  if(NOT arg_KIND)
    set(arg_KIND unit)
  endif()
  add_executable(${name} ${arg_SOURCES})
  _gatehouse_own_code(${name})
  target_link_libraries(${name} PRIVATE ${arg_DEPS} GTest::gmock GTest::gtest GTest::gtest_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_property(GLOBAL APPEND PROPERTY GATEHOUSE_TESTS "${arg_KIND}|${name}|$<TARGET_FILE:${name}>")
endfunction()

function(gatehouse_benchmark name)
  cmake_parse_arguments(arg "NETWORKED" "" "SOURCES;DEPS" ${ARGN})
  _gatehouse_remember(${arg_SOURCES})
  if(GATEHOUSE_SANITIZE)
    return()
  endif()
  add_executable(${name} ${arg_SOURCES})
  _gatehouse_own_code(${name})
  target_link_libraries(${name} PRIVATE ${arg_DEPS} benchmark::benchmark ${GATEHOUSE_JEMALLOC})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/benchmarks)
endfunction()

function(gatehouse_fuzz name)
  cmake_parse_arguments(arg "" "SEEDS" "SOURCES;DEPS" ${ARGN})
  _gatehouse_remember(${arg_SOURCES})
  if(NOT GATEHOUSE_SANITIZE OR GATEHOUSE_SANITIZE STREQUAL "thread")
    return()
  endif()
  add_executable(${name} ${arg_SOURCES})
  _gatehouse_own_code(${name})
  target_link_libraries(${name} PRIVATE ${arg_DEPS} -fsanitize=fuzzer)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
  set_property(GLOBAL APPEND PROPERTY GATEHOUSE_FUZZERS
               "${name}|$<TARGET_FILE:${name}>|${CMAKE_CURRENT_SOURCE_DIR}/${arg_SEEDS}")
endfunction()

# Messages and stubs are two libraries, so that domain adapters pay for .pb.h only; stubs are one unity unit
# (messages cannot be: their generated statics clash). Generated code is never warned about and never sanitized.
function(gatehouse_proto name)
  cmake_parse_arguments(arg "" "" "FILES;SERVICES;DEPS" ${ARGN})
  set(out ${CMAKE_BINARY_DIR}/protos)
  file(MAKE_DIRECTORY ${out})
  set(message_sources)
  foreach(file ${arg_FILES} ${arg_SERVICES})
    string(REGEX REPLACE "\\.proto$" "" stem ${file})
    add_custom_command(
      OUTPUT ${out}/${stem}.pb.cc ${out}/${stem}.pb.h
      COMMAND protobuf::protoc --cpp_out=${out} -I ${CMAKE_SOURCE_DIR}/protos ${CMAKE_SOURCE_DIR}/protos/${file}
      DEPENDS ${CMAKE_SOURCE_DIR}/protos/${file}
      VERBATIM)
    list(APPEND message_sources ${out}/${stem}.pb.cc ${out}/${stem}.pb.h)
  endforeach()
  add_library(gatehouse_proto_${name} STATIC ${message_sources})
  add_library(gatehouse::proto_${name} ALIAS gatehouse_proto_${name})
  target_include_directories(gatehouse_proto_${name} SYSTEM PUBLIC ${out})
  target_compile_options(gatehouse_proto_${name} PRIVATE -O1 -g0 -w)
  set(proto_deps)
  set(grpc_deps)
  foreach(dep ${arg_DEPS})
    list(APPEND proto_deps gatehouse::proto_${dep})
  endforeach()
  target_link_libraries(gatehouse_proto_${name} PUBLIC protobuf::libprotobuf ${proto_deps})
  if(NOT arg_SERVICES)
    return()
  endif()
  set(stub_sources)
  foreach(file ${arg_SERVICES})
    string(REGEX REPLACE "\\.proto$" "" stem ${file})
    add_custom_command(
      OUTPUT ${out}/${stem}.grpc.pb.cc ${out}/${stem}.grpc.pb.h
      COMMAND protobuf::protoc --grpc_out=${out} --plugin=protoc-gen-grpc=$<TARGET_FILE:gRPC::grpc_cpp_plugin>
              -I ${CMAKE_SOURCE_DIR}/protos ${CMAKE_SOURCE_DIR}/protos/${file}
      DEPENDS ${CMAKE_SOURCE_DIR}/protos/${file}
      VERBATIM)
    list(APPEND stub_sources ${out}/${stem}.grpc.pb.cc ${out}/${stem}.grpc.pb.h)
  endforeach()
  add_library(gatehouse_grpc_${name} STATIC ${stub_sources})
  add_library(gatehouse::grpc_${name} ALIAS gatehouse_grpc_${name})
  set_target_properties(gatehouse_grpc_${name} PROPERTIES UNITY_BUILD ON)
  target_compile_options(gatehouse_grpc_${name} PRIVATE -O1 -g0 -w)
  target_link_libraries(gatehouse_grpc_${name} PUBLIC gatehouse::proto_${name} gRPC::grpc++)
endfunction()

# Fails on a source no target lists, and writes the lists that tools/dev and tools/lint read.
function(gatehouse_finish)
  get_property(listed GLOBAL PROPERTY GATEHOUSE_SOURCES)
  file(GLOB_RECURSE found CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/libs/*.cc ${CMAKE_SOURCE_DIR}/libs/*.h
       ${CMAKE_SOURCE_DIR}/services/*.cc ${CMAKE_SOURCE_DIR}/services/*.h ${CMAKE_SOURCE_DIR}/tools/*.cc
       ${CMAKE_SOURCE_DIR}/tools/*.h ${CMAKE_SOURCE_DIR}/tests/*.cc ${CMAKE_SOURCE_DIR}/tests/*.h)
  foreach(path ${found})
    if(NOT path IN_LIST listed)
      message(FATAL_ERROR "${path} is listed by no target: add it to the CMakeLists.txt beside it, or delete it")
    endif()
  endforeach()
  foreach(what DOMAIN TESTS FUZZERS)
    get_property(lines GLOBAL PROPERTY GATEHOUSE_${what})
    string(JOIN "\n" text ${lines})
    string(TOLOWER ${what} file_name)
    file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/${file_name}.txt CONTENT "${text}\n")
  endforeach()
endfunction()
