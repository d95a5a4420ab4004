/* iommufd, before its files had a record. */
#pragma once
#include "../types.h"

#define IOMMUFD_LUO_COMPATIBLE "iommufd-v1"
