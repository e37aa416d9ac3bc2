#pragma once

#include <hourglass/core/array.hpp>
