#pragma once

// Heap allocations of this program so far; counted in tests/model/allocations.cpp.
long heap_allocations();
