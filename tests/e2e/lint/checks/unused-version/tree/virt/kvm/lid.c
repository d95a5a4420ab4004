const char* lid = LID_COMPATIBLE;
